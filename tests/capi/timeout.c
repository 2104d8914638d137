/* SPDX-License-Identifier: MIT OR Apache-2.0 */

/* Tasks that time out, or are cancelled, on one context or another. */

#include "support.h"

enum { SOON = 20, MUCH_LATER = 1000 * 1000 };

static QIOTask *
new_task (Ending *ending,
          GCancellable *cancellable,
          guint timeout_ms)
{
  return qio_task_new_full (NULL, cancellable, NULL, G_PRIORITY_DEFAULT, timeout_ms, ending_func,
                            ending, ending_freed);
}

/* The worker's side. On a slow machine the task may time out before it begins. */
typedef struct
{
  gint has_begun;
  gint result_freed;
  gint freed;
} Work;

static void
free_work (gpointer opaque)
{
  Work *data = opaque;

  count_up (&data->freed);
}

static void
patient_worker (QIOTask *task,
                gpointer opaque)
{
  Work *data = opaque;

  data->has_begun = TRUE;
  while (!qio_task_is_cancelled (task))
    g_usleep (1000);
  qio_task_set_result_pointer (task, &data->result_freed, count_up);
}

static void
assert_late_result_freed (Work *data)
{
  g_assert_cmpint (data->freed, ==, 1);
  g_assert_cmpint (data->result_freed, ==, data->has_begun);
}

static void
test_held (void)
{
  Ending ending = { 0 };
  QIOTask *task = new_task (&ending, NULL, SOON);

  no_longer_than_a_minute ();
  iterate_until (NULL, &ending.calls, 1);
  g_assert_true (ending.thread == g_thread_self ());
  g_assert_true (qio_task_is_cancelled (task));
  qio_task_complete (task);
  iterate_all (NULL);
  assert_ended_with (&ending, G_IO_ERROR_TIMED_OUT);
}

/* Who asks is told, also while nobody iterates the context. */
static void
test_not_iterated (void)
{
  Ending ending = { 0 };
  QIOTask *task = new_task (&ending, NULL, SOON);

  no_longer_than_a_minute ();
  while (!qio_task_is_cancelled (task))
    g_usleep (1000);
  g_assert_cmpint (ending.calls, ==, 0);
  qio_task_complete (task);
  assert_ended_with (&ending, G_IO_ERROR_TIMED_OUT);
}

/* Not even by the part of a millisecond that it takes to make the task. */
static void
test_not_before (void)
{
  gint64 start = g_get_monotonic_time ();
  Ending ending = { 0 };
  QIOTask *task = new_task (&ending, NULL, SOON);

  no_longer_than_a_minute ();
  iterate_until (NULL, &ending.calls, 1);
  g_assert_cmpint (g_get_monotonic_time () - start, >=, SOON * 1000);
  qio_task_complete (task);
  assert_ended_with (&ending, G_IO_ERROR_TIMED_OUT);
}

/* A task that was cancelled while it was held does not time out instead, as it
 * is handed to a thread. */
static void
test_cancelled_before_it_is_handed_on (void)
{
  Ending ending = { 0 };
  QIOTask *task = new_task (&ending, NULL, SOON);

  no_longer_than_a_minute ();
  qio_task_cancel (task);
  g_usleep (2 * SOON * 1000);
  qio_task_run_in_thread (task, no_work, NULL, NULL, NULL);
  iterate_until (NULL, &ending.freed, 1);
  assert_ended_with (&ending, G_IO_ERROR_CANCELLED);
}

static void
test_running (void)
{
  Ending ending = { 0 };
  Work data = { 0 };

  no_longer_than_a_minute ();
  qio_task_run_in_thread (new_task (&ending, NULL, SOON), patient_worker, &data, free_work, NULL);
  iterate_until (NULL, &ending.freed, 1);
  iterate_all (NULL);
  assert_late_result_freed (&data);
  assert_ended_with (&ending, G_IO_ERROR_TIMED_OUT);
}

static void
test_waited_for (void)
{
  Ending ending = { 0 };
  Work data = { 0 };
  QIOTask *task = new_task (&ending, NULL, SOON);

  no_longer_than_a_minute ();
  qio_task_run_in_thread (task, patient_worker, &data, free_work, NULL);
  qio_task_wait_thread (task);
  iterate_all (NULL);
  assert_late_result_freed (&data);
  assert_ended_with (&ending, G_IO_ERROR_TIMED_OUT);
}

/* A timeout that does not pass changes nothing, and keeps nothing. */
static void
test_in_time (void)
{
  Ending ending = { 0 };

  no_longer_than_a_minute ();
  qio_task_complete (new_task (&ending, NULL, MUCH_LATER));
  assert_ended_well (&ending);

  ending = (Ending) { 0 };
  qio_task_run_in_thread (new_task (&ending, NULL, MUCH_LATER), no_work, NULL, NULL, NULL);
  iterate_until (NULL, &ending.freed, 1);
  assert_ended_well (&ending);
}

static void
test_cancelled_first (void)
{
  Ending ending = { 0 };
  GCancellable *cancellable = g_cancellable_new ();
  QIOTask *task = new_task (&ending, cancellable, SOON);

  no_longer_than_a_minute ();
  g_cancellable_cancel (cancellable);
  g_usleep (2 * SOON * 1000);
  iterate_until (NULL, &ending.calls, 1);
  qio_task_complete (task);
  iterate_all (NULL);
  assert_ended_with (&ending, G_IO_ERROR_CANCELLED);
  g_object_unref (cancellable);
}

/* Makes a task on a context that nobody iterates, and runs it with another one:
 * that is where it ends. */
static void
run_on_another_context (Ending *ending,
                        GCancellable *cancellable,
                        guint timeout_ms)
{
  GMainContext *made_on = g_main_context_new ();
  GMainContext *run_with = g_main_context_new ();
  Work data = { 0 };
  QIOTask *task;

  g_main_context_push_thread_default (made_on);
  task = new_task (ending, cancellable, timeout_ms);
  g_main_context_pop_thread_default (made_on);
  qio_task_run_in_thread (task, patient_worker, &data, free_work, run_with);
  if (cancellable != NULL)
    g_cancellable_cancel (cancellable);
  iterate_until (run_with, &ending->freed, 1);
  g_assert_true (ending->thread == g_thread_self ());
  iterate_all (run_with);
  assert_late_result_freed (&data);
  g_main_context_unref (run_with);
  g_main_context_unref (made_on);
}

static void
test_cancelled_on_another_context (void)
{
  Ending ending = { 0 };
  GCancellable *cancellable = g_cancellable_new ();

  no_longer_than_a_minute ();
  run_on_another_context (&ending, cancellable, 0);
  assert_ended_with (&ending, G_IO_ERROR_CANCELLED);
  g_object_unref (cancellable);
}

/* Nor is it early there, though what is left of its time is no whole number of
 * milliseconds. */
static void
test_on_another_context (void)
{
  gint64 start = g_get_monotonic_time ();
  Ending ending = { 0 };

  no_longer_than_a_minute ();
  run_on_another_context (&ending, NULL, SOON);
  g_assert_cmpint (g_get_monotonic_time () - start, >=, SOON * 1000);
  assert_ended_with (&ending, G_IO_ERROR_TIMED_OUT);
}

/* Made on a context of this thread, where its function is called. */
static void
test_on_thread_default (void)
{
  Ending ending = { 0 };
  GMainContext *context = g_main_context_new ();
  QIOTask *task;

  no_longer_than_a_minute ();
  g_main_context_push_thread_default (context);
  task = new_task (&ending, NULL, SOON);
  g_main_context_pop_thread_default (context);
  iterate_until (context, &ending.calls, 1);
  qio_task_complete (task);
  iterate_all (context);
  assert_ended_with (&ending, G_IO_ERROR_TIMED_OUT);
  g_main_context_unref (context);
}

int
main (int argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/timeout/held", test_held);
  g_test_add_func ("/timeout/not-iterated", test_not_iterated);
  g_test_add_func ("/timeout/not-before", test_not_before);
  g_test_add_func ("/timeout/cancelled-before-it-is-handed-on",
                   test_cancelled_before_it_is_handed_on);
  g_test_add_func ("/timeout/running", test_running);
  g_test_add_func ("/timeout/waited-for", test_waited_for);
  g_test_add_func ("/timeout/in-time", test_in_time);
  g_test_add_func ("/timeout/cancelled-first", test_cancelled_first);
  g_test_add_func ("/timeout/cancelled-on-another-context", test_cancelled_on_another_context);
  g_test_add_func ("/timeout/on-another-context", test_on_another_context);
  g_test_add_func ("/timeout/on-thread-default", test_on_thread_default);

  return g_test_run ();
}
