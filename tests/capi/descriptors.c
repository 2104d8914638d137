/* SPDX-License-Identifier: MIT OR Apache-2.0 */

/* A process that is out of descriptors: the first task of a context and a
 * priority takes one. A call that can't have it is refused, and changes nothing. */

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
  expect_critical ("qio_task_new_full", "descriptor");
  g_assert_null (new_task (&ending, source, NULL, unexpected_destroy));
  g_test_assert_expected_messages ();
  give_descriptors_back ();
  g_main_context_pop_thread_default (context);
  g_assert_cmpuint (source->ref_count, ==, 1);
  g_object_unref (source);
  g_main_context_unref (context);
}

/* The task that was not handed on can still be cancelled, and completed. */
static void
test_run_in_thread (void)
{
  Ending ending = { 0 };
  GMainContext *context = g_main_context_new ();
  GCancellable *cancellable = g_cancellable_new ();
  QIOTask *task = new_task (&ending, NULL, cancellable, ending_freed);

  no_longer_than_a_minute ();
  take_all_descriptors ();
  expect_critical ("qio_task_run_in_thread", "descriptor");
  qio_task_run_in_thread (task, no_work, NULL, unexpected_destroy, context);
  g_test_assert_expected_messages ();
  give_descriptors_back ();
  g_cancellable_cancel (cancellable);
  iterate_until (NULL, &ending.calls, 1);
  qio_task_complete (task);
  assert_ended_with (&ending, G_IO_ERROR_CANCELLED);
  g_main_context_unref (context);
  g_object_unref (cancellable);
}

/* One that never needed a loop does without: it only can't be ended through one. */
static void
test_plain (gconstpointer refused)
{
  Ending ending = { 0 };
  GMainContext *context = g_main_context_new ();
  QIOTask *task;

  no_longer_than_a_minute ();
  g_main_context_push_thread_default (context);
  take_all_descriptors ();
  task = ending_task (&ending, NULL);
  expect_critical ("*", "descriptor");
  ((void (*) (QIOTask *)) refused) (task);
  g_test_assert_expected_messages ();
  qio_task_complete (task);
  give_descriptors_back ();
  g_main_context_pop_thread_default (context);
  assert_ended_well (&ending);
  g_main_context_unref (context);
}

int
main (int argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/descriptors/new-full", test_new_full);
  g_test_add_func ("/descriptors/run-in-thread", test_run_in_thread);
  g_test_add_data_func ("/descriptors/idle", qio_task_complete_in_idle, test_plain);
  g_test_add_data_func ("/descriptors/abandon", qio_task_abandon, test_plain);
  g_test_add_data_func ("/descriptors/cancel", qio_task_cancel, test_plain);

  return g_test_run ();
}
