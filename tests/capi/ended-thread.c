/* SPDX-License-Identifier: MIT OR Apache-2.0 */

/* Workers that end their threads: the task ends with an error, the thread alone ends, and
 * the others go on. Each case is a process: its pool is as it starts, and a thread
 * that ends it fails alone. */

#include "support.h"

#include <pthread.h>
#include <stdlib.h>

enum { IN_A_ROW = 40 };

static void
hand_on (Ending *ending,
         QIOTaskWorker worker,
         gpointer opaque)
{
  qio_task_run_in_thread (ending_task (ending, NULL), worker, opaque, NULL, NULL);
}

static void
assert_abandoned (Ending *ending)
{
  iterate_until (NULL, &ending->freed, 1);
  assert_ended_with (ending, G_IO_ERROR_CLOSED);
  g_assert_true (ending->thread == g_thread_self ());
}

static void
assert_well (Ending *ending)
{
  iterate_until (NULL, &ending->freed, 1);
  assert_ended_well (ending);
}

/* The pool has a thread for this one. */
static void
assert_goes_on (void)
{
  Ending ending = { 0 };

  hand_on (&ending, no_work, NULL);
  assert_well (&ending);
}

static void
exit_thread (QIOTask *task G_GNUC_UNUSED,
             gpointer count)
{
  pthread_cleanup_push (count_up, count);
  pthread_exit (NULL);
  pthread_cleanup_pop (FALSE);
}

static void
test_exit (void)
{
  Ending ending = { 0 };
  gint cleaned = 0;

  if (passes_in_child ())
    return;
  hand_on (&ending, exit_thread, &cleaned);
  assert_abandoned (&ending);
  g_assert_cmpint (cleaned, ==, 1);
  assert_goes_on ();
}

/* One has to go before the next one comes. */
static void
test_in_a_row (void)
{
  Ending endings[IN_A_ROW] = { 0 };
  gint cleaned = 0;

  if (passes_in_child ())
    return;
  qio_task_set_max_threads (1);
  for (gint i = 0; i < IN_A_ROW; i++)
    hand_on (&endings[i], i % 3 == 2 ? no_work : exit_thread, &cleaned);
  for (gint i = 0; i < IN_A_ROW; i++)
    {
      if (i % 3 == 2)
        assert_well (&endings[i]);
      else
        assert_abandoned (&endings[i]);
    }
  assert_goes_on ();
}

/* It is told though nothing else has a thread. */
static void
wait_and_go (QIOTask *task G_GNUC_UNUSED,
             gpointer gate)
{
  gate_wait (gate);
}

static void
test_all_busy (void)
{
  Gate gate = { 0 };
  Ending busy[2] = { 0 }, ending = { 0 };
  gint cleaned = 0;

  if (passes_in_child ())
    return;
  qio_task_set_max_threads (1);
  hand_on (&ending, exit_thread, &cleaned);
  hand_on (&busy[0], wait_and_go, &gate);
  hand_on (&busy[1], wait_and_go, &gate);
  assert_abandoned (&ending);
  gate_open (&gate);
  assert_well (&busy[0]);
  assert_well (&busy[1]);
}

static void
test_waited_for (void)
{
  Ending ending = { 0 };
  QIOTask *task = ending_task (&ending, NULL);
  gint cleaned = 0;

  if (passes_in_child ())
    return;
  qio_task_run_in_thread (task, exit_thread, &cleaned, NULL, NULL);
  qio_task_wait_thread (task);
  assert_ended_with (&ending, G_IO_ERROR_CLOSED);
  assert_goes_on ();
}

static void
test_dedicated (void)
{
  Ending ending = { 0 };
  QIOTask *task = ending_task (&ending, NULL);
  gint cleaned = 0;

  if (passes_in_child ())
    return;
  qio_task_set_dedicated_thread (task, TRUE);
  qio_task_run_in_thread (task, exit_thread, &cleaned, NULL, NULL);
  assert_abandoned (&ending);
  g_assert_cmpint (cleaned, ==, 1);
  assert_goes_on ();
}

/* What a worker has set before. */
typedef struct
{
  gint destroyed;
  gboolean fails;
} Set;

static void
set_and_exit (QIOTask *task,
              gpointer opaque)
{
  Set *set = opaque;

  qio_task_set_result_pointer (task, &set->destroyed, count_up);
  if (set->fails)
    qio_task_set_error (task, g_error_new_literal (G_IO_ERROR, G_IO_ERROR_BUSY, "busy"));
  pthread_exit (NULL);
}

/* No success; its error is told if it has set one. */
static void
test_set_before (void)
{
  if (passes_in_child ())
    return;
  for (gint fails = FALSE; fails <= TRUE; fails++)
    {
      Ending ending = { 0 };
      Set set = { .fails = fails };
      gint code = fails ? G_IO_ERROR_BUSY : G_IO_ERROR_CLOSED;

      hand_on (&ending, set_and_exit, &set);
      iterate_until (NULL, &ending.freed, 1);
      iterate_until (NULL, &set.destroyed, 1);
      assert_ended_with (&ending, code);
    }
}

static void
take_progress (QIOTask *task G_GNUC_UNUSED,
               gdouble fraction,
               gpointer opaque)
{
  gdouble *last = opaque;

  *last = fraction;
}

static void
report_and_exit (QIOTask *task,
                 gpointer opaque G_GNUC_UNUSED)
{
  for (gint i = 1; i <= 8; i++)
    qio_task_report_progress (task, i / 8.0);
  pthread_exit (NULL);
}

static void
test_progress (void)
{
  Ending ending = { 0 };
  QIOTask *task = ending_task (&ending, NULL);
  gdouble last = 0.0;

  if (passes_in_child ())
    return;
  qio_task_set_progress_func (task, take_progress, &last, NULL);
  qio_task_run_in_thread (task, report_and_exit, NULL, NULL, NULL);
  assert_abandoned (&ending);
  g_assert_cmpfloat (last, ==, 1.0);
}

static void
wait_and_exit (QIOTask *task G_GNUC_UNUSED,
               gpointer gate)
{
  gate_wait (gate);
  pthread_exit (NULL);
}

/* Nobody is told of it any more; it is freed all the same. */
static void
test_late (void)
{
  Ending ending = { 0 };
  GCancellable *cancellable = g_cancellable_new ();
  QIOTask *task = qio_task_new_full (NULL, cancellable, "late", G_PRIORITY_DEFAULT, 0,
                                     ending_func, &ending, ending_freed);
  Gate gate = { 0 };

  if (passes_in_child ())
    return;
  qio_task_run_in_thread (task, wait_and_exit, &gate, NULL, NULL);
  g_cancellable_cancel (cancellable);
  iterate_until (NULL, &ending.calls, 1);
  gate_open (&gate);
  iterate_until (NULL, &ending.freed, 1);
  assert_ended_with (&ending, G_IO_ERROR_CANCELLED);
  g_object_unref (cancellable);
  assert_goes_on ();
}

/* A worker's thread, for who cancels it. */
typedef struct
{
  pthread_t thread;
  gint is_running;
  gint is_cancelled;
} Running;

static void
pause_for_ever (QIOTask *task G_GNUC_UNUSED,
                gpointer opaque)
{
  Running *running = opaque;

  running->thread = pthread_self ();
  g_atomic_int_set (&running->is_running, TRUE);
  for (;;)
    pause ();
}

static void
cancel_thread (Running *running)
{
  while (!g_atomic_int_get (&running->is_running))
    g_thread_yield ();
  g_assert_cmpint (pthread_cancel (running->thread), ==, 0);
  g_atomic_int_set (&running->is_cancelled, TRUE);
}

static void
test_cancel (void)
{
  Ending ending = { 0 };
  Running running = { 0 };

  if (passes_in_child ())
    return;
  hand_on (&ending, pause_for_ever, &running);
  cancel_thread (&running);
  assert_abandoned (&ending);
  assert_goes_on ();
}

static void
return_cancelled (QIOTask *task G_GNUC_UNUSED,
                  gpointer opaque)
{
  Running *running = opaque;

  running->thread = pthread_self ();
  g_atomic_int_set (&running->is_running, TRUE);
  while (!g_atomic_int_get (&running->is_cancelled))
    g_thread_yield ();
}

static void
cancellation_point (QIOTask *task G_GNUC_UNUSED,
                    gpointer opaque G_GNUC_UNUSED)
{
  usleep (1);
  pthread_testcancel ();
}

/* It has returned, so it has succeeded; and the next worker has another thread. */
static void
test_cancel_late (void)
{
  Ending ending = { 0 }, next = { 0 };
  Running running = { 0 };

  if (passes_in_child ())
    return;
  qio_task_set_max_threads (1);
  hand_on (&ending, return_cancelled, &running);
  hand_on (&next, cancellation_point, NULL);
  cancel_thread (&running);
  assert_well (&ending);
  assert_well (&next);
}

static void
nested_func (QIOTask *task G_GNUC_UNUSED,
             gpointer calls)
{
  /* Inside of a call of the library nothing is cancelled. */
  usleep (1);
  count_up (calls);
}

/* Whether it cancels its thread before its nested tasks, or exits after them. */
static void
nest_and_end (QIOTask *task,
              gpointer opaque)
{
  gboolean is_cancelled = GPOINTER_TO_INT (opaque);
  gint calls = 0;
  QIOTask *nested;

  if (is_cancelled)
    g_assert_cmpint (pthread_cancel (pthread_self ()), ==, 0);
  nested = qio_task_new (NULL, nested_func, &calls, NULL);
  qio_task_complete (nested);
  g_assert_cmpint (calls, ==, 1);
  nested = qio_task_new (NULL, nested_func, &calls, NULL);
  qio_task_run_in_thread (nested, no_work, NULL, NULL, NULL);
  qio_task_wait_thread (nested);
  g_assert_cmpint (calls, ==, 2);
  g_assert_false (qio_task_is_cancelled (task));
  if (is_cancelled)
    pthread_testcancel ();
  pthread_exit (NULL);
}

static void
test_nested (void)
{
  if (passes_in_child ())
    return;
  qio_task_set_max_threads (1);
  for (gint is_cancelled = FALSE; is_cancelled <= TRUE; is_cancelled++)
    {
      Ending ending = { 0 };

      hand_on (&ending, nest_and_end, GINT_TO_POINTER (is_cancelled));
      assert_abandoned (&ending);
      assert_goes_on ();
    }
}

/* What a worker has made of the cancellation of its thread is not met by the next one. */
static void
change_cancellation (QIOTask *task G_GNUC_UNUSED,
                     gpointer opaque G_GNUC_UNUSED)
{
  gint last;

  g_assert_cmpint (pthread_setcanceltype (PTHREAD_CANCEL_ASYNCHRONOUS, &last), ==, 0);
  g_assert_cmpint (last, ==, PTHREAD_CANCEL_DEFERRED);
  g_assert_cmpint (pthread_setcancelstate (PTHREAD_CANCEL_DISABLE, &last), ==, 0);
  g_assert_cmpint (last, ==, PTHREAD_CANCEL_ENABLE);
}

static void
test_neutral (void)
{
  if (passes_in_child ())
    return;
  qio_task_set_max_threads (1);
  for (gint i = 0; i < 3; i++)
    {
      Ending ending = { 0 };

      hand_on (&ending, change_cancellation, NULL);
      assert_well (&ending);
    }
}

static void
exit_process (QIOTask *task G_GNUC_UNUSED,
              gpointer opaque G_GNUC_UNUSED)
{
  exit (0);
}

static void
not_told (QIOTask *task G_GNUC_UNUSED,
          gpointer opaque G_GNUC_UNUSED)
{
  _exit (1);
}

static void
linger (void)
{
  g_usleep (50 * 1000);
}

/* That ends no thread: the main thread hears of nothing while the process exits. */
static void
test_exit_process (void)
{
  if (passes_in_child ())
    return;
  atexit (linger);
  qio_task_run_in_thread (qio_task_new (NULL, not_told, NULL, NULL), exit_process, NULL, NULL,
                          NULL);
  for (;;)
    g_main_context_iteration (NULL, TRUE);
}

int
main (int argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ended-thread/exit", test_exit);
  g_test_add_func ("/ended-thread/in-a-row", test_in_a_row);
  g_test_add_func ("/ended-thread/all-busy", test_all_busy);
  g_test_add_func ("/ended-thread/waited-for", test_waited_for);
  g_test_add_func ("/ended-thread/dedicated", test_dedicated);
  g_test_add_func ("/ended-thread/set-before", test_set_before);
  g_test_add_func ("/ended-thread/progress", test_progress);
  g_test_add_func ("/ended-thread/late", test_late);
  g_test_add_func ("/ended-thread/cancel", test_cancel);
  g_test_add_func ("/ended-thread/cancel-late", test_cancel_late);
  g_test_add_func ("/ended-thread/nested", test_nested);
  g_test_add_func ("/ended-thread/neutral", test_neutral);
  g_test_add_func ("/ended-thread/exit-process", test_exit_process);
  return g_test_run ();
}
