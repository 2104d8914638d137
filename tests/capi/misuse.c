/* SPDX-License-Identifier: MIT OR Apache-2.0 */

/* What a program must not do with a task that there is, and what comes of it:
 * one critical warning that names the function and the argument, and nothing
 * else. */

#include "support.h"

static void
unexpected_func (QIOTask *task G_GNUC_UNUSED,
                 gpointer opaque G_GNUC_UNUSED)
{
  g_assert_not_reached ();
}

/* A task that is ended can't be ended in any other way. */
static void
assert_ended_already (QIOTask *task)
{
  expect_critical ("qio_task_complete", "task");
  qio_task_complete (task);
  expect_critical ("qio_task_complete_in_idle", "task");
  qio_task_complete_in_idle (task);
  expect_critical ("qio_task_abandon", "task");
  qio_task_abandon (task);
  expect_critical ("qio_task_run_in_thread", "task");
  qio_task_run_in_thread (task, unexpected_func, NULL, unexpected_destroy, NULL);
  g_test_assert_expected_messages ();
}

/* Nor is there anybody to report progress to, if it was not said before. */
static void
func_that_ends_it_again (QIOTask *task,
                         gpointer opaque)
{
  assert_ended_already (task);
  ending_func (task, opaque);
}

static void
test_complete_twice (void)
{
  Ending ending = { 0 };
  QIOTask *task = qio_task_new (NULL, func_that_ends_it_again, &ending, ending_freed);

  no_longer_than_a_minute ();
  qio_task_complete (task);
  assert_ended_well (&ending);
  assert_ended_already (task);
  iterate_all (NULL);
  assert_ended_well (&ending);
}

static void
test_complete_twice_in_idle (void)
{
  Ending ending = { 0 };
  QIOTask *task = qio_task_new (NULL, func_that_ends_it_again, &ending, ending_freed);

  no_longer_than_a_minute ();
  qio_task_complete_in_idle (task);
  assert_ended_already (task);
  iterate_until (NULL, &ending.freed, 1);
  assert_ended_well (&ending);
  assert_ended_already (task);
}

static void
wait_for_gate (QIOTask *task G_GNUC_UNUSED,
               gpointer gate)
{
  gate_wait (gate);
}

/* What has been handed to a thread is ended by that thread, by itself. */
static void
test_complete_in_thread (void)
{
  Ending ending = { 0 };
  Gate gate = { 0 };
  QIOTask *task = ending_task (&ending, NULL);

  no_longer_than_a_minute ();
  qio_task_run_in_thread (task, wait_for_gate, &gate, NULL, NULL);
  assert_ended_already (task);
  expect_critical ("qio_task_set_progress_func", "task");
  qio_task_set_progress_func (task, unexpected_progress, NULL, unexpected_destroy);
  expect_critical ("qio_task_set_progress_interval", "task");
  qio_task_set_progress_interval (task, 0);
  g_test_assert_expected_messages ();
  expect_critical ("qio_task_set_dedicated_thread", "task");
  qio_task_set_dedicated_thread (task, TRUE);
  g_test_assert_expected_messages ();
  expect_critical ("qio_task_set_worker_stack_size", "task");
  qio_task_set_worker_stack_size (task, 1 << 20);
  expect_critical ("qio_task_set_return_on_cancel", "task");
  qio_task_set_return_on_cancel (task, FALSE);
  g_test_assert_expected_messages ();
  gate_open (&gate);
  iterate_until (NULL, &ending.freed, 1);
  assert_ended_well (&ending);
}

static void
work_that_ends_it (QIOTask *task,
                   gpointer opaque G_GNUC_UNUSED)
{
  assert_ended_already (task);
}

static void
test_complete_in_worker (void)
{
  Ending ending = { 0 };

  no_longer_than_a_minute ();
  qio_task_run_in_thread (ending_task (&ending, NULL), work_that_ends_it, NULL, NULL, NULL);
  iterate_until (NULL, &ending.freed, 1);
  assert_ended_well (&ending);
}

/* It would wait for itself. */
static void
func_that_waits (QIOTask *task,
                 gpointer opaque)
{
  expect_critical ("qio_task_wait_thread", "task");
  qio_task_wait_thread (task);
  g_test_assert_expected_messages ();
  ending_func (task, opaque);
}

static void
test_wait_in_function (void)
{
  Ending ending = { 0 };
  QIOTask *task = qio_task_new (NULL, func_that_waits, &ending, ending_freed);

  no_longer_than_a_minute ();
  qio_task_run_in_thread (task, no_work, NULL, NULL, NULL);
  iterate_until (NULL, &ending.freed, 1);
  assert_ended_well (&ending);
}

static void
test_wait_for_a_held_task (void)
{
  Ending ending = { 0 };
  QIOTask *task = ending_task (&ending, NULL);

  no_longer_than_a_minute ();
  expect_critical ("qio_task_wait_thread", "task");
  qio_task_wait_thread (task);
  g_test_assert_expected_messages ();
  g_assert_cmpint (ending.calls, ==, 0);
  qio_task_complete (task);
  assert_ended_well (&ending);
}

static void
test_no_func (void)
{
  GObject *source = g_object_new (G_TYPE_OBJECT, NULL);

  no_longer_than_a_minute ();
  expect_critical ("qio_task_new", "func");
  g_assert_null (qio_task_new (source, NULL, source, unexpected_destroy));
  g_test_assert_expected_messages ();
  expect_critical ("qio_task_new_full", "func");
  g_assert_null (qio_task_new_full (source, NULL, "name", G_PRIORITY_DEFAULT, 0, NULL, source,
                                    unexpected_destroy));
  g_test_assert_expected_messages ();
  g_assert_cmpuint (source->ref_count, ==, 1);
  g_object_unref (source);
}

static void
test_bad_cancellable (void)
{
  GObject *object = g_object_new (G_TYPE_OBJECT, NULL);

  no_longer_than_a_minute ();
  expect_critical ("qio_task_new_full", "cancellable");
  g_assert_null (qio_task_new_full (NULL, (GCancellable *) object, NULL, G_PRIORITY_DEFAULT, 0,
                                    unexpected_func, NULL, unexpected_destroy));
  g_test_assert_expected_messages ();
  g_object_unref (object);
}

static void
test_no_worker (void)
{
  Ending ending = { 0 };
  QIOTask *task = ending_task (&ending, NULL);

  no_longer_than_a_minute ();
  expect_critical ("qio_task_run_in_thread", "worker");
  qio_task_run_in_thread (task, NULL, NULL, unexpected_destroy, NULL);
  g_test_assert_expected_messages ();
  g_assert_cmpint (ending.calls, ==, 0);
  qio_task_complete (task);
  assert_ended_well (&ending);
}

static void
test_no_progress_func (void)
{
  Ending ending = { 0 };
  QIOTask *task = ending_task (&ending, NULL);

  no_longer_than_a_minute ();
  expect_critical ("qio_task_set_progress_func", "func");
  qio_task_set_progress_func (task, NULL, NULL, unexpected_destroy);
  g_test_assert_expected_messages ();
  qio_task_complete (task);
  assert_ended_well (&ending);
}

static void
test_no_threads (void)
{
  guint max_threads = qio_task_get_max_threads ();

  no_longer_than_a_minute ();
  expect_critical ("qio_task_set_max_threads", "max_threads");
  qio_task_set_max_threads (0);
  g_test_assert_expected_messages ();
  g_assert_cmpuint (qio_task_get_max_threads (), ==, max_threads);
}

static gpointer
unexpected_ref (gpointer source G_GNUC_UNUSED)
{
  g_assert_not_reached ();
}

static void
unexpected_propagate (gpointer *dest G_GNUC_UNUSED,
                      gpointer error G_GNUC_UNUSED)
{
  g_assert_not_reached ();
}

static gpointer
unexpected_error (const GError *error G_GNUC_UNUSED)
{
  g_assert_not_reached ();
}

/* A host that lacks a function is none. This is before the first task. */
static void
test_incomplete_host (void)
{
  static const QIOTaskHost hosts[] = {
    { NULL, unexpected_destroy, unexpected_propagate, unexpected_destroy, unexpected_error },
    { unexpected_ref, NULL, unexpected_propagate, unexpected_destroy, unexpected_error },
    { unexpected_ref, unexpected_destroy, NULL, unexpected_destroy, unexpected_error },
    { unexpected_ref, unexpected_destroy, unexpected_propagate, NULL, unexpected_error },
    { unexpected_ref, unexpected_destroy, unexpected_propagate, unexpected_destroy, NULL },
  };

  no_longer_than_a_minute ();
  expect_critical ("qio_task_set_host", "host != NULL");
  qio_task_set_host (NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (hosts); i++)
    {
      expect_critical ("qio_task_set_host", "functions");
      qio_task_set_host (&hosts[i]);
    }
  g_test_assert_expected_messages ();
}

static void
test_late_host (void)
{
  static const QIOTaskHost host = { unexpected_ref, unexpected_destroy, unexpected_propagate,
                                    unexpected_destroy, unexpected_error };
  GObject *source = g_object_new (G_TYPE_OBJECT, NULL);
  Ending ending = { 0 };
  QIOTask *task = ending_task (&ending, source);

  no_longer_than_a_minute ();
  expect_critical ("qio_task_set_host", "before the first task");
  qio_task_set_host (&host);
  g_test_assert_expected_messages ();
  qio_task_set_error (task, g_error_new (G_IO_ERROR, G_IO_ERROR_FAILED, "A GError still"));
  qio_task_complete (task);
  assert_ended_with (&ending, G_IO_ERROR_FAILED);
  g_assert_cmpuint (source->ref_count, ==, 1);
  g_object_unref (source);
}

static void
waiting_worker (QIOTask *task,
                gpointer opaque G_GNUC_UNUSED)
{
  qio_task_wait_thread (task);
}

/* It would wait for ever. */
static void
test_worker_waits_for_itself (void)
{
  Ending ending = { 0 };
  QIOTask *task = ending_task (&ending, NULL);

  no_longer_than_a_minute ();
  expect_critical ("qio_task_wait_thread", "task");
  qio_task_run_in_thread (task, waiting_worker, NULL, NULL, NULL);
  qio_task_wait_thread (task);
  g_test_assert_expected_messages ();
  assert_ended_well (&ending);
}

int
main (int argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/misuse/incomplete-host", test_incomplete_host);
  g_test_add_func ("/misuse/complete-twice", test_complete_twice);
  g_test_add_func ("/misuse/complete-twice-in-idle", test_complete_twice_in_idle);
  g_test_add_func ("/misuse/complete-in-thread", test_complete_in_thread);
  g_test_add_func ("/misuse/complete-in-worker", test_complete_in_worker);
  g_test_add_func ("/misuse/wait-in-function", test_wait_in_function);
  g_test_add_func ("/misuse/wait-for-a-held-task", test_wait_for_a_held_task);
  g_test_add_func ("/misuse/no-func", test_no_func);
  g_test_add_func ("/misuse/bad-cancellable", test_bad_cancellable);
  g_test_add_func ("/misuse/no-worker", test_no_worker);
  g_test_add_func ("/misuse/no-progress-func", test_no_progress_func);
  g_test_add_func ("/misuse/no-threads", test_no_threads);
  g_test_add_func ("/misuse/worker-waits-for-itself", test_worker_waits_for_itself);
  g_test_add_func ("/misuse/late-host", test_late_host);

  return g_test_run ();
}
