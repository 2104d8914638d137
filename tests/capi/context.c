/* SPDX-License-Identifier: MIT OR Apache-2.0 */

/* On which thread, and with which context, the function of a task is called. */

#include "support.h"

/* A task that is made on @context. */
static QIOTask *
task_on (GMainContext *context,
         QIOTaskFunc func,
         gpointer opaque,
         GDestroyNotify destroy)
{
  QIOTask *task;

  g_main_context_push_thread_default (context);
  task = qio_task_new (NULL, func, opaque, destroy);
  g_main_context_pop_thread_default (context);
  return task;
}

/* While its function is called, a task's context is the thread's default one. */
static GMainContext *expected_default;

static void
expect_default (QIOTask *task G_GNUC_UNUSED,
                gpointer calls)
{
  g_assert_true (g_main_context_get_thread_default () == expected_default);
  count_up (calls);
}

static void
test_thread_default (void)
{
  GMainContext *context = g_main_context_new ();
  gint calls = 0;

  no_longer_than_a_minute ();
  expected_default = context;
  qio_task_run_in_thread (qio_task_new (NULL, expect_default, &calls, NULL), no_work, NULL, NULL,
                          context);
  iterate_until (context, &calls, 1);

  qio_task_complete_in_idle (task_on (context, expect_default, &calls, NULL));
  iterate_until (context, &calls, 2);
  g_assert_null (g_main_context_get_thread_default ());
  g_main_context_unref (context);
}

/* An object that knows on which thread it was finalized, as its source. */
static void
finalized (gpointer thread,
           GObject *where_it_was G_GNUC_UNUSED)
{
  *(GThread **) thread = g_thread_self ();
}

static gpointer
complete_in_idle (gpointer task)
{
  qio_task_complete_in_idle (task);
  return NULL;
}

static void
test_completed_elsewhere (void)
{
  Ending ending = { 0 };
  GThread *thread = NULL;
  GObject *source = g_object_new (G_TYPE_OBJECT, NULL);
  QIOTask *task = ending_task (&ending, source);

  no_longer_than_a_minute ();
  g_object_weak_ref (source, finalized, &thread);
  g_object_unref (source);
  g_thread_join (g_thread_new ("completes", complete_in_idle, task));
  g_assert_cmpint (ending.calls, ==, 0);
  iterate_until (NULL, &ending.freed, 1);
  assert_ended_well (&ending);
  g_assert_true (ending.thread == g_thread_self ());
  g_assert_true (thread == g_thread_self ());
}

static gpointer
complete (gpointer task)
{
  qio_task_complete (task);
  return g_thread_self ();
}

/* Also one that a cancellable could end is completed where it is completed. */
static void
test_completed_elsewhere_at_once (void)
{
  Ending ending = { 0 };
  GCancellable *cancellable = g_cancellable_new ();
  QIOTask *task = qio_task_new_full (NULL, cancellable, NULL, G_PRIORITY_DEFAULT, 0, ending_func,
                                     &ending, ending_freed);
  gpointer thread;

  no_longer_than_a_minute ();
  g_assert_true (g_main_context_acquire (NULL));
  thread = g_thread_join (g_thread_new ("completes", complete, task));
  g_assert_true (ending.thread == thread);
  assert_ended_well (&ending);
  g_main_context_release (NULL);
  g_object_unref (cancellable);
}

int
main (int argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/context/thread-default", test_thread_default);
  g_test_add_func ("/context/completed-elsewhere", test_completed_elsewhere);
  g_test_add_func ("/context/completed-elsewhere-at-once", test_completed_elsewhere_at_once);

  return g_test_run ();
}
