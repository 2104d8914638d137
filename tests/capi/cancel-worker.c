/* SPDX-License-Identifier: MIT OR Apache-2.0 */

/* Tasks that are cancelled while their workers run, and before. */

#include "support.h"

static QIOTask *
new_task (Ending *ending,
          gpointer source,
          GCancellable *cancellable)
{
  return qio_task_new_full (source, cancellable, "cancelled", G_PRIORITY_DEFAULT_IDLE, 0,
                            ending_func, ending, ending_freed);
}

/* The worker's side, and what becomes of what it leaves behind. */
typedef struct
{
  Gate has_begun;
  Gate may_end;
  gpointer source;
  gint has_returned;
  gint results_freed;
  gint freed;
  GThread *thread;
} Work;

static void
free_result (gpointer opaque)
{
  Work *data = opaque;

  data->thread = g_thread_self ();
  count_up (&data->results_freed);
}

static void
free_work (gpointer opaque)
{
  Work *data = opaque;

  g_assert_true (g_atomic_int_get (&data->has_returned));
  count_up (&data->freed);
}

/* Takes no notice of being cancelled, and can use the task all the same. */
static void
stubborn_worker (QIOTask *task,
                 gpointer opaque)
{
  Work *data = opaque;

  gate_open (&data->has_begun);
  gate_wait (&data->may_end);
  g_assert_true (qio_task_is_cancelled (task));
  g_assert_true (qio_task_get_source (task) == data->source);
  if (data->source != NULL)
    g_assert_cmpuint (G_OBJECT (data->source)->ref_count, >=, 2);
  qio_task_set_result_pointer (task, data, free_result);
  qio_task_set_error (task, g_error_new (G_IO_ERROR, G_IO_ERROR_FAILED, "Too late"));
  g_atomic_int_set (&data->has_returned, TRUE);
}

/* Cancels @task after its worker has begun. */
static void
cancel_begun (QIOTask *task,
              QIOTaskWorker worker,
              Work *data)
{
  qio_task_run_in_thread (task, worker, data, free_work, NULL);
  gate_wait (&data->has_begun);
  qio_task_cancel (task);
}

static void
test_running (void)
{
  Ending ending = { 0 };
  Work data = { .source = g_object_new (G_TYPE_OBJECT, NULL) };
  QIOTask *task = ending_task (&ending, data.source);

  no_longer_than_a_minute ();
  cancel_begun (task, stubborn_worker, &data);
  iterate_until (NULL, &ending.calls, 1);
  g_assert_error (ending.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_true (ending.thread == g_thread_self ());
  g_assert_false (g_atomic_int_get (&data.has_returned));

  gate_open (&data.may_end);
  iterate_until (NULL, &data.results_freed, 1);
  g_assert_true (data.thread == g_thread_self ());
  iterate_until (NULL, &data.freed, 1);
  iterate_all (NULL);
  g_assert_cmpint (data.results_freed, ==, 1);
  assert_ended_with (&ending, G_IO_ERROR_CANCELLED);
  g_assert_cmpuint (G_OBJECT (data.source)->ref_count, ==, 1);
  g_object_unref (data.source);
}

/* What a worker sets while the function of its cancelled task is being called
 * does not show there. */
static void
func_that_lets_it_end (QIOTask *task,
                       gpointer opaque)
{
  Work *data = opaque;
  GError *error;

  gate_open (&data->may_end);
  while (!g_atomic_int_get (&data->has_returned))
    g_usleep (1000);
  g_assert_null (qio_task_get_result_pointer (task));
  error = take_error (task);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_error_free (error);
  g_assert_false (qio_task_propagate_error (task, NULL));
}

static void
test_set_while_called (void)
{
  Work data = { 0 };
  QIOTask *task = qio_task_new (NULL, func_that_lets_it_end, &data, NULL);

  no_longer_than_a_minute ();
  cancel_begun (task, stubborn_worker, &data);
  iterate_until (NULL, &data.freed, 1);
  iterate_until (NULL, &data.results_freed, 1);
  iterate_all (NULL);
  g_assert_cmpint (data.results_freed, ==, 1);
}

/* Who waits for a cancelled task waits for its worker. */
static void
test_waited_for (void)
{
  Ending ending = { 0 };
  Work data = { 0 };
  QIOTask *task = ending_task (&ending, NULL);

  no_longer_than_a_minute ();
  cancel_begun (task, stubborn_worker, &data);
  gate_open (&data.may_end);
  qio_task_wait_thread (task);
  g_assert_true (data.has_returned);
  iterate_all (NULL);
  g_assert_cmpint (data.results_freed, ==, 1);
  g_assert_cmpint (data.freed, ==, 1);
  assert_ended_with (&ending, G_IO_ERROR_CANCELLED);
}

/* Comes to its blocking call after the function has been called. */
static void
late_worker (QIOTask *task,
             gpointer opaque)
{
  Work *data = opaque;

  gate_open (&data->has_begun);
  gate_wait (&data->may_end);
  g_assert_true (g_cancellable_is_cancelled (qio_task_get_cancellable (task)));
  g_atomic_int_set (&data->has_returned, TRUE);
}

static void
test_asked_after_the_function (void)
{
  Ending ending = { 0 };
  Work data = { 0 };
  QIOTask *task = ending_task (&ending, NULL);

  no_longer_than_a_minute ();
  cancel_begun (task, late_worker, &data);
  iterate_until (NULL, &ending.calls, 1);
  gate_open (&data.may_end);
  iterate_until (NULL, &ending.freed, 1);
  iterate_all (NULL);
  assert_ended_with (&ending, G_IO_ERROR_CANCELLED);
}

static void
attentive_worker (QIOTask *task,
                  gpointer opaque)
{
  Work *data = opaque;

  gate_open (&data->has_begun);
  while (!qio_task_is_cancelled (task))
    g_usleep (1000);
  g_atomic_int_set (&data->has_returned, TRUE);
}

static void
blocked_worker (QIOTask *task,
                gpointer opaque)
{
  Work *data = opaque;
  GCancellable *cancellable = qio_task_get_cancellable (task);
  GPollFD fd;

  g_assert_true (g_cancellable_make_pollfd (cancellable, &fd));
  gate_open (&data->has_begun);
  g_assert_cmpint (g_poll (&fd, 1, -1), ==, 1);
  g_cancellable_release_fd (cancellable);
  g_assert_true (g_cancellable_is_cancelled (cancellable));
  g_assert_true (qio_task_is_cancelled (task));
  g_atomic_int_set (&data->has_returned, TRUE);
}

static void
test_noticed (gconstpointer worker)
{
  Ending ending = { 0 };
  Work data = { 0 };
  GCancellable *cancellable = g_cancellable_new ();
  QIOTask *task = new_task (&ending, NULL, cancellable);

  no_longer_than_a_minute ();
  qio_task_run_in_thread (task, (QIOTaskWorker) worker, &data, free_work, NULL);
  gate_wait (&data.has_begun);
  g_cancellable_cancel (cancellable);
  iterate_until (NULL, &data.freed, 1);
  iterate_all (NULL);
  assert_ended_with (&ending, G_IO_ERROR_CANCELLED);
  g_object_unref (cancellable);
}

/* Its own cancellable is not the task's. */
static void
worker_that_cancels_its_calls (QIOTask *task,
                               gpointer opaque G_GNUC_UNUSED)
{
  GCancellable *cancellable = qio_task_get_cancellable (task);

  g_assert_true (qio_task_get_cancellable (task) == cancellable);
  g_assert_false (g_cancellable_is_cancelled (cancellable));
  g_cancellable_cancel (cancellable);
}

static void
test_calls_of_worker (void)
{
  Ending ending = { 0 };
  GCancellable *cancellable = g_cancellable_new ();
  QIOTask *task = new_task (&ending, NULL, cancellable);

  no_longer_than_a_minute ();
  qio_task_run_in_thread (task, worker_that_cancels_its_calls, NULL, NULL, NULL);
  iterate_until (NULL, &ending.freed, 1);
  assert_ended_well (&ending);
  g_assert_false (g_cancellable_is_cancelled (cancellable));
  g_object_unref (cancellable);
}

static void
worker_that_cancels (QIOTask *task,
                     gpointer opaque G_GNUC_UNUSED)
{
  qio_task_cancel (task);
  g_assert_true (qio_task_is_cancelled (task));
}

static void
test_from_worker (void)
{
  Ending ending = { 0 };

  no_longer_than_a_minute ();
  qio_task_run_in_thread (ending_task (&ending, NULL), worker_that_cancels, NULL, NULL, NULL);
  iterate_until (NULL, &ending.freed, 1);
  assert_ended_with (&ending, G_IO_ERROR_CANCELLED);
}

static void
unexpected_worker (QIOTask *task G_GNUC_UNUSED,
                   gpointer opaque G_GNUC_UNUSED)
{
  g_assert_not_reached ();
}

static void
test_before_the_start (void)
{
  Ending ending = { 0 };
  gint freed = 0;
  QIOTask *task = ending_task (&ending, NULL);

  no_longer_than_a_minute ();
  qio_task_cancel (task);
  qio_task_run_in_thread (task, unexpected_worker, &freed, count_up, NULL);
  iterate_until (NULL, &ending.freed, 1);
  iterate_until (NULL, &freed, 1);
  iterate_all (NULL);
  g_assert_cmpint (freed, ==, 1);
  assert_ended_with (&ending, G_IO_ERROR_CANCELLED);
}

/* A worker that will never start is not waited for, and keeps nothing back. */
static void
test_before_the_start_waited_for (void)
{
  for (gint round = 0; round < 100; round++)
    {
      Ending ending = { 0 };
      gint freed = 0;
      QIOTask *task = ending_task (&ending, NULL);

      no_longer_than_a_minute ();
      qio_task_cancel (task);
      qio_task_run_in_thread (task, unexpected_worker, &freed, count_up, NULL);
      qio_task_wait_thread (task);
      g_assert_cmpint (freed, ==, 1);
      assert_ended_with (&ending, G_IO_ERROR_CANCELLED);
    }
}

/* All threads are busy: the second task waits for its turn, and gives it up. */
static void
test_in_the_queue (void)
{
  Ending first = { 0 };
  Ending second = { 0 };
  Work data = { 0 };
  gint freed = 0;
  guint max_threads = qio_task_get_max_threads ();
  QIOTask *task = ending_task (&first, NULL);
  QIOTask *queued = ending_task (&second, NULL);

  no_longer_than_a_minute ();
  qio_task_set_max_threads (1);
  qio_task_run_in_thread (task, stubborn_worker, &data, free_work, NULL);
  gate_wait (&data.has_begun);
  qio_task_run_in_thread (queued, unexpected_worker, &freed, count_up, NULL);
  qio_task_cancel (queued);
  iterate_until (NULL, &second.calls, 1);
  g_assert_false (g_atomic_int_get (&data.has_returned));

  qio_task_cancel (task);
  gate_open (&data.may_end);
  iterate_until (NULL, &first.freed, 1);
  iterate_until (NULL, &second.freed, 1);
  iterate_until (NULL, &freed, 1);
  assert_ended_with (&first, G_IO_ERROR_CANCELLED);
  assert_ended_with (&second, G_IO_ERROR_CANCELLED);
  qio_task_set_max_threads (max_threads);
}

int
main (int argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/cancel-worker/running", test_running);
  g_test_add_func ("/cancel-worker/set-while-called", test_set_while_called);
  g_test_add_func ("/cancel-worker/waited-for", test_waited_for);
  g_test_add_func ("/cancel-worker/asked-after-the-function", test_asked_after_the_function);
  g_test_add_data_func ("/cancel-worker/noticed", attentive_worker, test_noticed);
  g_test_add_data_func ("/cancel-worker/blocked", blocked_worker, test_noticed);
  g_test_add_func ("/cancel-worker/calls-of-worker", test_calls_of_worker);
  g_test_add_func ("/cancel-worker/from-worker", test_from_worker);
  g_test_add_func ("/cancel-worker/before-the-start", test_before_the_start);
  g_test_add_func ("/cancel-worker/before-the-start-waited-for",
                   test_before_the_start_waited_for);
  g_test_add_func ("/cancel-worker/in-the-queue", test_in_the_queue);

  return g_test_run ();
}
