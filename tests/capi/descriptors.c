/* SPDX-License-Identifier: MIT OR Apache-2.0 */

/* A process that is out of descriptors. A context that nothing can wake is looked
 * at now and then: no task is refused. */

#include "support.h"
#include <fcntl.h>
#include <sys/resource.h>

enum { MANY = 256, PRIORITY = 17 };

static int descriptors[MANY];
static gsize n_descriptors;

static void
take_all_descriptors (void)
{
  struct rlimit limit;
  int descriptor;

  g_assert_no_errno (getrlimit (RLIMIT_NOFILE, &limit));
  limit.rlim_cur = MANY;
  g_assert_no_errno (setrlimit (RLIMIT_NOFILE, &limit));
  while ((descriptor = open ("/dev/null", O_RDONLY)) >= 0)
    descriptors[n_descriptors++] = descriptor;
}

static void
give_descriptors_back (void)
{
  while (n_descriptors > 0)
    close (descriptors[--n_descriptors]);
}

static QIOTask *
new_task (Ending *ending,
          gpointer source,
          GCancellable *cancellable,
          GDestroyNotify destroy)
{
  return qio_task_new_full (source, cancellable, NULL, PRIORITY, 0, ending_func, ending, destroy);
}

static void
test_new_full (void)
{
  Ending ending = { 0 };
  GObject *source = g_object_new (G_TYPE_OBJECT, NULL);
  GMainContext *context = g_main_context_new ();

  no_longer_than_a_minute ();
  g_main_context_push_thread_default (context);
  take_all_descriptors ();
  qio_task_complete_in_idle (new_task (&ending, source, NULL, ending_freed));
  iterate_until (context, &ending.freed, 1);
  give_descriptors_back ();
  g_main_context_pop_thread_default (context);
  assert_ended_well (&ending);
  iterate_all (context);
  g_main_context_unref (context);
  g_assert_cmpuint (source->ref_count, ==, 1);
  g_object_unref (source);
}

/* Handed on to a context that has had no task. */
static void
test_run_in_thread (void)
{
  Ending ending = { 0 };
  GMainContext *context = g_main_context_new ();
  QIOTask *task = new_task (&ending, NULL, NULL, ending_freed);

  no_longer_than_a_minute ();
  take_all_descriptors ();
  qio_task_run_in_thread (task, no_work, NULL, NULL, context);
  iterate_until (context, &ending.freed, 1);
  give_descriptors_back ();
  assert_ended_well (&ending);
  g_main_context_unref (context);
}

/* Ended in one way or another, on a context of its own. */
static void
test_plain (gconstpointer end)
{
  Ending ending = { 0 };
  GMainContext *context = g_main_context_new ();
  QIOTask *task;

  no_longer_than_a_minute ();
  g_main_context_push_thread_default (context);
  take_all_descriptors ();
  task = ending_task (&ending, NULL);
  ((void (*) (QIOTask *)) end) (task);
  iterate_until (context, &ending.calls, 1);
  give_descriptors_back ();
  if (end == qio_task_cancel)
    qio_task_complete (task);
  iterate_all (context);
  g_main_context_pop_thread_default (context);
  g_assert_cmpint (ending.freed, ==, 1);
  g_clear_error (&ending.error);
  g_main_context_unref (context);
}

/* With the first GTask of a process GLib makes a context of its own. */
static void
start_glib (void)
{
  Ending ending = { 0 };

  qio_task_complete_in_idle (ending_task (&ending, NULL));
  iterate_until (NULL, &ending.freed, 1);
  assert_ended_well (&ending);
}

int
main (int argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  start_glib ();

  g_test_add_func ("/descriptors/new-full", test_new_full);
  g_test_add_func ("/descriptors/run-in-thread", test_run_in_thread);
  g_test_add_data_func ("/descriptors/idle", qio_task_complete_in_idle, test_plain);
  g_test_add_data_func ("/descriptors/abandon", qio_task_abandon, test_plain);
  g_test_add_data_func ("/descriptors/cancel", qio_task_cancel, test_plain);

  return g_test_run ();
}
