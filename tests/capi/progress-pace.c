/* SPDX-License-Identifier: MIT OR Apache-2.0 */

/* Progress is told at a pace, and not after the task's function was called. */

#include "support.h"

/* Longer than any test takes. */
#define HOUR (60 * 60 * 1000)

typedef struct
{
  Ending ending;
  gint told;
  gdouble last;
  gint is_over;
  Gate gate;
  Gate has_reported;
} Told;

static void
tell (QIOTask *task G_GNUC_UNUSED,
      gdouble fraction,
      gpointer opaque)
{
  Told *told = opaque;

  g_assert_cmpint (told->ending.calls, ==, 0);
  told->last = fraction;
  g_atomic_int_inc (&told->told);
}

static QIOTask *
new_task (Told *told)
{
  QIOTask *task = ending_task (&told->ending, NULL);

  qio_task_set_progress_func (task, tell, told, NULL);
  return task;
}

static void
report_without_a_rest (QIOTask *task,
                       gpointer opaque)
{
  Told *told = opaque;
  gint i = 0;

  while (!g_atomic_int_get (&told->is_over))
    qio_task_report_progress (task, i++);
  qio_task_report_progress (task, -1);
}

/* A worker's progress is told once in @least_ms, and its last value before the task ends. */
static void
assert_paced (gint interval_ms,
              gint64 least_ms)
{
  const gint calls = 6;
  Told told = { 0 };
  QIOTask *task = new_task (&told);
  gint64 start = g_get_monotonic_time ();

  if (interval_ms >= 0)
    qio_task_set_progress_interval (task, interval_ms);
  qio_task_run_in_thread (task, report_without_a_rest, &told, NULL, NULL);
  iterate_until (NULL, &told.told, calls);
  g_assert_cmpint (g_get_monotonic_time () - start, >=, (calls - 1) * least_ms * 1000);
  g_atomic_int_set (&told.is_over, TRUE);
  iterate_until (NULL, &told.ending.freed, 1);
  assert_ended_well (&told.ending);
  g_assert_cmpfloat (told.last, ==, -1);
}

static void
test_without_a_rest (void)
{
  no_longer_than_a_minute ();
  assert_paced (-1, 16);
  assert_paced (40, 40);
  assert_paced (0, 0);
}

/* The first value at once, the next one not before the task completes. */
static void
test_first_and_last (gconstpointer is_waited_for)
{
  Told told = { 0 };
  QIOTask *task = new_task (&told);

  no_longer_than_a_minute ();
  qio_task_set_progress_interval (task, HOUR);
  qio_task_report_progress (task, 1);
  iterate_until (NULL, &told.told, 1);
  qio_task_report_progress (task, 2);
  qio_task_report_progress (task, 3);
  iterate_all (NULL);
  g_assert_cmpint (told.told, ==, 1);
  if (is_waited_for)
    {
      qio_task_run_in_thread (task, no_work, NULL, NULL, NULL);
      qio_task_wait_thread (task);
    }
  else
    {
      qio_task_complete (task);
    }
  assert_ended_well (&told.ending);
  g_assert_cmpint (told.told, ==, 2);
  g_assert_cmpfloat (told.last, ==, 3);
  iterate_all (NULL);
  g_assert_cmpint (told.told, ==, 2);
}

/* Where no task ends, the last value comes after the interval; the loop sleeps until then. */
static void
test_after_the_interval (void)
{
  Told told = { 0 };
  QIOTask *task = new_task (&told);
  gint iterations = 0;

  no_longer_than_a_minute ();
  qio_task_set_progress_interval (task, 50);
  qio_task_report_progress (task, 1);
  iterate_until (NULL, &told.told, 1);
  qio_task_report_progress (task, 2);
  while (told.told < 2)
    {
      g_main_context_iteration (NULL, TRUE);
      iterations++;
    }
  g_assert_cmpint (iterations, <, 20);
  g_assert_cmpfloat (told.last, ==, 2);
  qio_task_complete (task);
  assert_ended_well (&told.ending);
}

/* Only its own completion does not wait for the interval. */
static void
test_of_another_task (void)
{
  Told told = { 0 };
  Ending other = { 0 };
  QIOTask *task = new_task (&told);

  no_longer_than_a_minute ();
  qio_task_set_progress_interval (task, HOUR);
  qio_task_report_progress (task, 1);
  iterate_until (NULL, &told.told, 1);
  qio_task_report_progress (task, 2);
  qio_task_complete_in_idle (ending_task (&other, NULL));
  iterate_until (NULL, &other.freed, 1);
  g_assert_cmpint (told.told, ==, 1);
  qio_task_complete (task);
  assert_ended_well (&told.ending);
  g_assert_cmpint (told.told, ==, 2);
}

/* Freed while its last value waits: nobody is told any more. */
static void
test_freed (void)
{
  Told told = { 0 };
  gint freed = 0;
  QIOTask *task = qio_task_new (NULL, ending_func, &freed, count_up);

  no_longer_than_a_minute ();
  qio_task_set_progress_func (task, tell, &told, NULL);
  qio_task_set_progress_interval (task, 20);
  qio_task_report_progress (task, 1);
  iterate_until (NULL, &told.told, 1);
  qio_task_report_progress (task, 2);
  iterate_all (NULL);
  qio_task_free (task);
  g_assert_cmpint (freed, ==, 1);
  g_usleep (30000);
  iterate_all (NULL);
  g_assert_cmpint (told.told, ==, 1);
}

static void
report_when_cancelled (QIOTask *task,
                       gpointer opaque)
{
  Told *told = opaque;

  qio_task_report_progress (task, 1);
  gate_wait (&told->gate);
  qio_task_report_progress (task, 2);
  gate_open (&told->has_reported);
}

/* The worker does not notice, and goes on. */
static void
test_reported_too_late (void)
{
  Told told = { 0 };
  GCancellable *cancellable = g_cancellable_new ();
  QIOTask *task = qio_task_new_full (NULL, cancellable, NULL, G_PRIORITY_DEFAULT_IDLE, 0,
                                     ending_func, &told.ending, ending_freed);

  no_longer_than_a_minute ();
  qio_task_set_progress_func (task, tell, &told, NULL);
  qio_task_run_in_thread (task, report_when_cancelled, &told, NULL, NULL);
  iterate_until (NULL, &told.told, 1);
  g_cancellable_cancel (cancellable);
  iterate_until (NULL, &told.ending.calls, 1);
  gate_open (&told.gate);
  gate_wait (&told.has_reported);
  iterate_until (NULL, &told.ending.freed, 1);
  iterate_all (NULL);
  assert_ended_with (&told.ending, G_IO_ERROR_CANCELLED);
  g_assert_cmpint (told.told, ==, 1);
  g_object_unref (cancellable);
}

typedef struct
{
  QIOTask *task;
  Told *told;
} Reporter;

static gpointer
report_in_thread (gpointer opaque)
{
  Reporter *reporter = opaque;

  report_without_a_rest (reporter->task, reporter->told);
  return NULL;
}

/* Three threads report the progress of one task. */
static void
report_from_threads (QIOTask *task,
                     gpointer opaque)
{
  Reporter reporter = { task, opaque };
  GThread *threads[3];
  gsize i;

  for (i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("reporter", report_in_thread, &reporter);
  for (i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
}

/* What one of them has noted does not undo what another one has. */
static void
test_from_threads (void)
{
  Told told = { 0 };
  QIOTask *task = new_task (&told);
  gint64 end;

  no_longer_than_a_minute ();
  qio_task_set_progress_interval (task, 0);
  qio_task_run_in_thread (task, report_from_threads, &told, NULL, NULL);
  end = g_get_monotonic_time () + G_TIME_SPAN_SECOND;
  while (g_get_monotonic_time () < end)
    g_main_context_iteration (NULL, FALSE);
  iterate_until (NULL, &told.told, g_atomic_int_get (&told.told) + 100);
  g_atomic_int_set (&told.is_over, TRUE);
  iterate_until (NULL, &told.ending.freed, 1);
  assert_ended_well (&told.ending);
}

int
main (int argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/progress-pace/without-a-rest", test_without_a_rest);
  g_test_add_data_func ("/progress-pace/first-and-last/completed", GINT_TO_POINTER (FALSE),
                        test_first_and_last);
  g_test_add_data_func ("/progress-pace/first-and-last/waited-for", GINT_TO_POINTER (TRUE),
                        test_first_and_last);
  g_test_add_func ("/progress-pace/after-the-interval", test_after_the_interval);
  g_test_add_func ("/progress-pace/of-another-task", test_of_another_task);
  g_test_add_func ("/progress-pace/freed", test_freed);
  g_test_add_func ("/progress-pace/from-threads", test_from_threads);
  g_test_add_func ("/progress-pace/reported-too-late", test_reported_too_late);

  return g_test_run ();
}
