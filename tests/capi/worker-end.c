/* SPDX-License-Identifier: MIT OR Apache-2.0 */

/* When a worker has really stopped: it is waited for, it commits, or its task ends with it. */

#include "support.h"

typedef struct
{
  Gate has_begun;
  Gate may_commit;
  Gate has_committed;
  Gate may_end;
  gboolean commits;
  gboolean is_committed;
  gint has_returned;
} Work;

static void
work (QIOTask *task,
      gpointer opaque)
{
  Work *data = opaque;

  gate_open (&data->has_begun);
  if (data->commits)
    {
      gate_wait (&data->may_commit);
      data->is_committed = qio_task_commit (task);
      g_assert_true (qio_task_commit (task) == data->is_committed);
      gate_open (&data->has_committed);
    }
  gate_wait (&data->may_end);
  if (data->is_committed)
    {
      g_assert_false (qio_task_is_cancelled (task));
      g_assert_false (g_cancellable_is_cancelled (qio_task_get_cancellable (task)));
    }
  qio_task_set_result_pointer (task, g_strdup ("Some result"), g_free);
  g_usleep (1000);
  g_atomic_int_set (&data->has_returned, TRUE);
}

static QIOTask *
full_task (Ending *ending,
           guint timeout)
{
  return qio_task_new_full (NULL, NULL, "worker's end", G_PRIORITY_DEFAULT_IDLE, timeout,
                            ending_func, ending, ending_freed);
}

/* How a task ends that has this timeout, and is cancelled if that is none. */
static gint
end_of (gconstpointer timeout)
{
  return timeout == NULL ? G_IO_ERROR_CANCELLED : G_IO_ERROR_TIMED_OUT;
}

/* Has @worker begin, and cancels the task then, unless it @is_left alone. */
static void
end_begun (QIOTask *task,
           QIOTaskWorker worker,
           Work *data,
           gconstpointer is_left)
{
  qio_task_run_in_thread (task, worker, data, NULL, NULL);
  gate_wait (&data->has_begun);
  if (is_left == NULL)
    qio_task_cancel (task);
}

/* Its function was called long ago. */
static void
test_wait_for_cancelled (gconstpointer timeout)
{
  Ending ending = { 0 };
  Work data = { 0 };
  QIOTask *task = full_task (&ending, GPOINTER_TO_UINT (timeout));

  no_longer_than_a_minute ();
  end_begun (task, work, &data, timeout);
  iterate_until (NULL, &ending.calls, 1);
  g_assert_false (g_atomic_int_get (&data.has_returned));
  gate_open (&data.may_end);
  qio_task_wait_worker (task);
  g_assert_true (g_atomic_int_get (&data.has_returned));
  iterate_until (NULL, &ending.freed, 1);
  iterate_all (NULL);
  /* It is gone, and so has returned. */
  qio_task_wait_worker (task);
  assert_ended_with (&ending, end_of (timeout));
}

static void
test_wait_and_not_be_called (void)
{
  Ending ending = { 0 };
  Work data = { 0 };
  QIOTask *task = ending_task (&ending, NULL);

  no_longer_than_a_minute ();
  gate_open (&data.may_end);
  qio_task_run_in_thread (task, work, &data, NULL, NULL);
  qio_task_wait_worker (task);
  g_assert_true (g_atomic_int_get (&data.has_returned));
  g_assert_cmpint (ending.calls, ==, 0);
  iterate_until (NULL, &ending.freed, 1);
  assert_ended_well (&ending);
}

static void
test_commit (gconstpointer in_time)
{
  Ending ending = { 0 };
  Work data = { .commits = TRUE };
  QIOTask *task = full_task (&ending, 0);

  no_longer_than_a_minute ();
  end_begun (task, work, &data, in_time);
  gate_open (&data.may_commit);
  gate_wait (&data.has_committed);
  g_assert_true (data.is_committed == (in_time != NULL));
  qio_task_cancel (task);
  g_assert_true (qio_task_is_cancelled (task) == (in_time == NULL));
  gate_open (&data.may_end);
  iterate_until (NULL, &ending.freed, 1);
  if (in_time != NULL)
    assert_ended_well (&ending);
  else
    assert_ended_with (&ending, G_IO_ERROR_CANCELLED);
}

static void
work_until_told (QIOTask *task,
                 gpointer opaque)
{
  Work *data = opaque;

  gate_open (&data->has_begun);
  gate_wait (&data->may_end);
  g_assert_true (qio_task_is_cancelled (task));
  qio_task_set_result_pointer (task, g_strdup ("Some result"), g_free);
  g_atomic_int_set (&data->has_returned, TRUE);
}

static void
test_return_first (gconstpointer timeout)
{
  Ending ending = { 0 };
  Work data = { 0 };
  QIOTask *task = full_task (&ending, GPOINTER_TO_UINT (timeout));

  no_longer_than_a_minute ();
  qio_task_set_return_on_cancel (task, TRUE);
  qio_task_set_return_on_cancel (task, FALSE);
  end_begun (task, work_until_told, &data, timeout);
  while (!qio_task_is_cancelled (task))
    g_main_context_iteration (NULL, TRUE);
  iterate_all (NULL);
  g_assert_cmpint (ending.calls, ==, 0);
  gate_open (&data.may_end);
  iterate_until (NULL, &ending.freed, 1);
  g_assert_true (g_atomic_int_get (&data.has_returned));
  g_assert_null (ending.result);
  assert_ended_with (&ending, end_of (timeout));
}

static void
test_return_first_by_hand (void)
{
  Ending ending = { 0 };
  QIOTask *task = ending_task (&ending, NULL);

  no_longer_than_a_minute ();
  qio_task_set_return_on_cancel (task, FALSE);
  qio_task_cancel (task);
  iterate_all (NULL);
  g_assert_cmpint (ending.calls, ==, 0);
  qio_task_complete (task);
  assert_ended_with (&ending, G_IO_ERROR_CANCELLED);
}

static void
touch_and_be_silent (QIOTask *task,
                     gpointer opaque)
{
  Work *data = opaque;

  for (guint i = 0; i < 3; i++)
    {
      g_usleep (1000);
      qio_task_touch (task);
      qio_task_report_progress (task, 0.5);
    }
  gate_open (&data->has_begun);
  while (!qio_task_is_cancelled (task))
    g_usleep (1000);
  g_atomic_int_set (&data->has_returned, TRUE);
}

static void
test_inactivity (gconstpointer is_waited_for)
{
  Ending ending = { 0 };
  Work data = { 0 };
  QIOTask *task = ending_task (&ending, NULL);
  gint64 start = g_get_monotonic_time ();

  no_longer_than_a_minute ();
  qio_task_set_inactivity_timeout (task, 0);
  qio_task_set_inactivity_timeout (task, 20);
  qio_task_run_in_thread (task, touch_and_be_silent, &data, NULL, NULL);
  if (is_waited_for != NULL)
    qio_task_wait_thread (task);
  else
    iterate_until (NULL, &ending.freed, 1);
  g_assert_cmpint (g_get_monotonic_time () - start, >=, 20000);
  gate_wait (&data.has_begun);
  assert_ended_with (&ending, G_IO_ERROR_TIMED_OUT);
}

/* Of one that is ended by hand there is no worker. */
static void
test_inactivity_by_hand (void)
{
  Ending ending = { 0 };
  QIOTask *task = ending_task (&ending, NULL);

  no_longer_than_a_minute ();
  qio_task_set_inactivity_timeout (task, 1);
  qio_task_touch (task);
  g_usleep (5000);
  iterate_all (NULL);
  qio_task_complete (task);
  assert_ended_well (&ending);
}

static void
use_stack (QIOTask *task G_GNUC_UNUSED,
           gpointer opaque)
{
  volatile gchar large[24 << 20];

  for (gsize i = 0; i < sizeof large; i += 1024)
    large[i] = 1;
  *(gint *) opaque = large[0];
}

static void
test_stack (void)
{
  Ending ending = { 0 };
  QIOTask *task = ending_task (&ending, NULL);
  gint used = 0;

  if (passes_in_child ())
    return;
  qio_task_set_worker_stack_size (task, 32 << 20);
  qio_task_run_in_thread (task, use_stack, &used, NULL, NULL);
  iterate_until (NULL, &ending.freed, 1);
  assert_ended_well (&ending);
  g_assert_cmpint (used, ==, 1);
}

static void
ask_own_worker (QIOTask *task,
                gpointer opaque G_GNUC_UNUSED)
{
  expect_critical ("qio_task_wait_worker", "task is not the worker's own");
  qio_task_wait_worker (task);
  g_test_assert_expected_messages ();
}

static void
test_misuse (void)
{
  Ending ending = { 0 };
  QIOTask *task = ending_task (&ending, NULL);

  no_longer_than_a_minute ();
  expect_critical ("qio_task_wait_worker", "task runs in a thread");
  qio_task_wait_worker (task);
  g_test_assert_expected_messages ();
  expect_critical ("qio_task_commit", "task is the worker's own");
  g_assert_false (qio_task_commit (task));
  g_test_assert_expected_messages ();
  expect_critical ("qio_task_set_worker_stack_size", "bytes >= 64 KiB");
  qio_task_set_worker_stack_size (task, 1);
  g_test_assert_expected_messages ();
  expect_critical ("qio_task_set_return_on_cancel", "task != NULL");
  qio_task_set_return_on_cancel (NULL, TRUE);
  g_test_assert_expected_messages ();
  qio_task_run_in_thread (task, ask_own_worker, NULL, NULL, NULL);
  iterate_until (NULL, &ending.freed, 1);
  assert_ended_well (&ending);
}

int
main (int argc,
      char **argv)
{
  gconstpointer soon = GUINT_TO_POINTER (1);

  g_test_init (&argc, &argv, NULL);

  g_test_add_data_func ("/worker-end/wait/cancelled", NULL, test_wait_for_cancelled);
  g_test_add_data_func ("/worker-end/wait/timed-out", soon, test_wait_for_cancelled);
  g_test_add_func ("/worker-end/wait/not-called", test_wait_and_not_be_called);
  g_test_add_data_func ("/worker-end/commit/in-time", soon, test_commit);
  g_test_add_data_func ("/worker-end/commit/too-late", NULL, test_commit);
  g_test_add_data_func ("/worker-end/return-first/cancelled", NULL, test_return_first);
  g_test_add_data_func ("/worker-end/return-first/timed-out", soon, test_return_first);
  g_test_add_func ("/worker-end/return-first/by-hand", test_return_first_by_hand);
  g_test_add_data_func ("/worker-end/inactivity/iterated", NULL, test_inactivity);
  g_test_add_data_func ("/worker-end/inactivity/waited-for", soon, test_inactivity);
  g_test_add_func ("/worker-end/inactivity/by-hand", test_inactivity_by_hand);
  g_test_add_func ("/worker-end/stack", test_stack);
  g_test_add_func ("/worker-end/misuse", test_misuse);

  return g_test_run ();
}
