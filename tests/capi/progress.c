/* SPDX-License-Identifier: MIT OR Apache-2.0 */

/* Progress: what was reported last is told before the task completes, where
 * its function is called. */

#include "support.h"

/* What the progress function was told, besides what the task's function was. */
typedef struct
{
  Ending ending;
  GThread *thread;
  gint told;
  gint told_freed;
  gdouble last;
  gint reports;
} Told;

static void
tell (QIOTask *task,
      gdouble fraction,
      gpointer opaque)
{
  Told *told = opaque;

  g_assert_nonnull (task);
  g_assert_cmpint (told->ending.calls, ==, 0);
  g_assert_cmpint (told->told_freed, ==, 0);
  g_assert_cmpfloat (fraction, >, told->last);
  told->thread = g_thread_self ();
  told->last = fraction;
  g_atomic_int_inc (&told->told);
}

static void
told_freed (gpointer opaque)
{
  Told *told = opaque;

  g_assert_cmpint (told->ending.calls, ==, 1);
  g_assert_cmpint (told->ending.freed, ==, 0);
  told->told_freed++;
}

static QIOTask *
new_task (Told *told)
{
  QIOTask *task = ending_task (&told->ending, NULL);

  qio_task_set_progress_func (task, tell, told, told_freed);
  return task;
}

static void
assert_told (Told *told,
             gdouble last)
{
  assert_ended_well (&told->ending);
  g_assert_cmpint (told->told_freed, ==, 1);
  g_assert_cmpfloat (told->last, ==, last);
  g_assert_true (told->thread == g_thread_self ());
  g_assert_true (told->ending.thread == g_thread_self ());
}

static void
count_to_one (QIOTask *task,
              gpointer opaque)
{
  Told *told = opaque;

  for (gint i = 1; i <= told->reports; i++)
    qio_task_report_progress (task, (gdouble) i / told->reports);
}

static void
test_in_thread (void)
{
  Told told = { .reports = 1000 };
  GMainContext *context = g_main_context_new ();

  no_longer_than_a_minute ();
  qio_task_run_in_thread (new_task (&told), count_to_one, &told, NULL, context);
  iterate_until (context, &told.ending.freed, 1);
  iterate_all (context);
  assert_told (&told, 1);
  g_assert_cmpint (told.told, <=, told.reports);
  g_main_context_unref (context);
}

static void
test_waited_for (void)
{
  Told told = { .reports = 10 };
  GMainContext *context = g_main_context_new ();
  QIOTask *task = new_task (&told);

  no_longer_than_a_minute ();
  qio_task_run_in_thread (task, count_to_one, &told, NULL, context);
  qio_task_wait_thread (task);
  assert_told (&told, 1);
  g_assert_cmpint (told.told, ==, 1);
  iterate_all (context);
  assert_told (&told, 1);
  g_main_context_unref (context);
}

static void
test_held (void)
{
  Told told = { 0 };
  QIOTask *task = new_task (&told);

  no_longer_than_a_minute ();
  qio_task_report_progress (task, 0.25);
  g_assert_cmpint (told.told, ==, 0);
  iterate_until (NULL, &told.told, 1);
  g_assert_cmpfloat (told.last, ==, 0.25);
  qio_task_report_progress (task, 0.5);
  qio_task_report_progress (task, 0.75);
  qio_task_complete (task);
  assert_told (&told, 0.75);
  iterate_all (NULL);
  g_assert_cmpint (told.told, ==, 2);
}

static void
test_idle (void)
{
  Told told = { 0 };
  QIOTask *task = new_task (&told);

  no_longer_than_a_minute ();
  qio_task_report_progress (task, 0.5);
  qio_task_complete_in_idle (task);
  g_assert_cmpint (told.told, ==, 0);
  iterate_until (NULL, &told.ending.freed, 1);
  assert_told (&told, 0.5);
}

/* A worker that goes on when it is told that its value has arrived: then none
 * is skipped. */
typedef struct
{
  Told told;
  Gate gates[3];
} Steps;

static void
tell_step (QIOTask *task,
           gdouble fraction,
           gpointer opaque)
{
  Steps *steps = opaque;

  tell (task, fraction, &steps->told);
  gate_open (&steps->gates[(gint) fraction - 1]);
}

static void
work_in_steps (QIOTask *task,
               gpointer opaque)
{
  Steps *steps = opaque;

  for (gsize i = 0; i < G_N_ELEMENTS (steps->gates); i++)
    {
      qio_task_report_progress (task, (gdouble) (i + 1));
      gate_wait (&steps->gates[i]);
    }
}

static void
test_while_working (void)
{
  Steps steps = { 0 };
  QIOTask *task = ending_task (&steps.told.ending, NULL);

  no_longer_than_a_minute ();
  qio_task_set_progress_func (task, tell_step, &steps, NULL);
  qio_task_run_in_thread (task, work_in_steps, &steps, NULL, NULL);
  iterate_until (NULL, &steps.told.ending.freed, 1);
  g_assert_cmpint (steps.told.told, ==, G_N_ELEMENTS (steps.gates));
  assert_ended_well (&steps.told.ending);
}

static void
test_nobody_to_tell (void)
{
  Ending ending = { 0 };
  Told told = { .reports = 10 };

  no_longer_than_a_minute ();
  qio_task_run_in_thread (ending_task (&ending, NULL), count_to_one, &told, NULL, NULL);
  iterate_until (NULL, &ending.freed, 1);
  assert_ended_well (&ending);
}

/* Who is told last counts; the data of who was to be told before are freed. */
static void
test_set_twice (void)
{
  Told told = { .reports = 10 };
  gint freed = 0;
  QIOTask *task = ending_task (&told.ending, NULL);

  no_longer_than_a_minute ();
  qio_task_set_progress_func (task, tell, &freed, count_up);
  qio_task_set_progress_func (task, tell, &told, told_freed);
  g_assert_cmpint (freed, ==, 1);
  qio_task_run_in_thread (task, count_to_one, &told, NULL, NULL);
  iterate_until (NULL, &told.ending.freed, 1);
  assert_told (&told, 1);
}

static void
test_cancelled (void)
{
  Told told = { 0 };
  QIOTask *task = new_task (&told);

  no_longer_than_a_minute ();
  qio_task_cancel (task);
  qio_task_report_progress (task, 0.5);
  iterate_until (NULL, &told.ending.calls, 1);
  qio_task_report_progress (task, 0.75);
  iterate_all (NULL);
  qio_task_complete (task);
  g_assert_cmpint (told.told, ==, 0);
  g_assert_cmpint (told.told_freed, ==, 1);
  assert_ended_with (&told.ending, G_IO_ERROR_CANCELLED);
}

static void
tell_and_cancel (QIOTask *task,
                 gdouble fraction,
                 gpointer opaque)
{
  tell (task, fraction, opaque);
  qio_task_cancel (task);
}

/* Cancelled by who is told, as by a button beside a bar. */
static void
test_cancelled_when_told (void)
{
  Told told = { 0 };
  QIOTask *task = ending_task (&told.ending, NULL);

  no_longer_than_a_minute ();
  qio_task_set_progress_func (task, tell_and_cancel, &told, told_freed);
  qio_task_report_progress (task, 0.5);
  iterate_until (NULL, &told.ending.calls, 1);
  qio_task_complete (task);
  iterate_all (NULL);
  g_assert_cmpint (told.told, ==, 1);
  g_assert_cmpint (told.told_freed, ==, 1);
  assert_ended_with (&told.ending, G_IO_ERROR_CANCELLED);
}

/* Told of the progress, it reports some itself, or waits for the task. */
typedef struct
{
  Told told;
  gboolean waits;
} Meddler;

static void
meddle (QIOTask *task,
        gdouble fraction,
        gpointer opaque)
{
  Meddler *meddler = opaque;

  tell (task, fraction, &meddler->told);
  if (meddler->waits)
    qio_task_wait_thread (task);
  else
    qio_task_report_progress (task, fraction / 2);
}

static QIOTask *
new_meddled_task (Meddler *meddler)
{
  QIOTask *task = ending_task (&meddler->told.ending, NULL);

  qio_task_set_progress_func (task, meddle, meddler, NULL);
  return task;
}

/* The task ends all the same: what is reported as it does comes too late. */
static void
test_reported_when_told (void)
{
  Meddler meddler = { 0 };
  QIOTask *task = new_meddled_task (&meddler);

  no_longer_than_a_minute ();
  qio_task_report_progress (task, 1);
  qio_task_complete (task);
  assert_ended_well (&meddler.told.ending);
  g_assert_cmpint (meddler.told.told, ==, 1);
}

/* Whether the loop tells, or who waits for the task: it ends then and there. */
static void
test_waited_for_when_told (gconstpointer is_waited_for)
{
  Meddler meddler = { .told = { .reports = 1 }, .waits = TRUE };
  QIOTask *task = new_meddled_task (&meddler);
  Told *told = &meddler.told;

  no_longer_than_a_minute ();
  qio_task_run_in_thread (task, count_to_one, told, NULL, NULL);
  if (is_waited_for)
    qio_task_wait_thread (task);
  else
    iterate_until (NULL, &told->ending.freed, 1);
  iterate_all (NULL);
  assert_ended_well (&told->ending);
  g_assert_cmpint (told->told, ==, 1);
}

/* Told on the thread that iterates the context, while another one waits. */
typedef struct
{
  QIOTask *task;
  Gate is_telling;
  gint has_told;
  gint calls;
  GThread *thread;
  GThread *freed_by;
} Telling;

static void
tell_slowly (QIOTask *task G_GNUC_UNUSED,
             gdouble fraction G_GNUC_UNUSED,
             gpointer opaque)
{
  Telling *telling = opaque;

  gate_open (&telling->is_telling);
  g_usleep (G_USEC_PER_SEC / 20);
  g_atomic_int_set (&telling->has_told, TRUE);
}

static void
end_after_telling (QIOTask *task G_GNUC_UNUSED,
                   gpointer opaque)
{
  Telling *telling = opaque;

  g_assert_true (g_atomic_int_get (&telling->has_told));
  telling->thread = g_thread_self ();
  count_up (&telling->calls);
}

static void
freed_after_telling (gpointer opaque)
{
  Telling *telling = opaque;

  telling->freed_by = g_thread_self ();
}

static void
tell_and_return (QIOTask *task,
                 gpointer opaque)
{
  Telling *telling = opaque;

  qio_task_report_progress (task, 0.5);
  gate_wait (&telling->is_telling);
}

static gpointer
wait_for_telling (gpointer opaque)
{
  Telling *telling = opaque;

  gate_wait (&telling->is_telling);
  qio_task_wait_thread (telling->task);
  return NULL;
}

static void
test_waited_for_while_telling (void)
{
  Telling telling = { 0 };
  GThread *thread;

  no_longer_than_a_minute ();
  survive_criticals ();
  telling.task = qio_task_new (NULL, end_after_telling, &telling, freed_after_telling);
  qio_task_set_progress_func (telling.task, tell_slowly, &telling, NULL);
  qio_task_run_in_thread (telling.task, tell_and_return, &telling, NULL, NULL);
  thread = g_thread_new ("waits", wait_for_telling, &telling);
  iterate_until (NULL, &telling.has_told, TRUE);
  g_thread_join (thread);
  g_assert_cmpint (telling.calls, ==, 1);
  g_assert_true (telling.freed_by == telling.thread);
}

/* The loop's thread is told, and waits for the task while another thread, which
 * waits for it too, ends it. */
typedef struct
{
  Ending ending;
  Gate is_told;
  gint has_ended;
} TwoWaits;

static void
report_until_told (QIOTask *task,
                   gpointer opaque)
{
  TwoWaits *two = opaque;

  qio_task_report_progress (task, 1);
  gate_wait (&two->is_told);
}

static void
wait_when_told (QIOTask *task,
                gdouble fraction G_GNUC_UNUSED,
                gpointer opaque)
{
  TwoWaits *two = opaque;

  gate_open (&two->is_told);
  /* So that the other one comes first, more often than not. */
  g_usleep (1000);
  qio_task_wait_thread (task);
  g_assert_cmpint (two->ending.calls, ==, 1);
}

static void
two_waits_freed (gpointer opaque)
{
  TwoWaits *two = opaque;

  g_atomic_int_set (&two->has_ended, TRUE);
}

static gpointer
wait_until_told (gpointer task)
{
  qio_task_wait_thread (task);
  return NULL;
}

static void
test_waited_for_by_two (void)
{
  no_longer_than_a_minute ();
  survive_criticals ();
  for (gint i = 0; i < 100; i++)
    {
      TwoWaits two = { 0 };
      QIOTask *task = qio_task_new (NULL, ending_func, &two, two_waits_freed);
      GThread *thread;

      qio_task_set_progress_func (task, wait_when_told, &two, NULL);
      qio_task_run_in_thread (task, report_until_told, &two, NULL, NULL);
      thread = g_thread_new ("waits", wait_until_told, task);
      iterate_until (NULL, &two.has_ended, TRUE);
      g_thread_join (thread);
      g_assert_no_error (two.ending.error);
      g_assert_cmpint (two.ending.calls, ==, 1);
    }
  iterate_all (NULL);
}

int
main (int argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/progress/in-thread", test_in_thread);
  g_test_add_func ("/progress/waited-for", test_waited_for);
  g_test_add_func ("/progress/waited-for-while-telling", test_waited_for_while_telling);
  g_test_add_func ("/progress/held", test_held);
  g_test_add_func ("/progress/idle", test_idle);
  g_test_add_func ("/progress/while-working", test_while_working);
  g_test_add_func ("/progress/nobody-to-tell", test_nobody_to_tell);
  g_test_add_func ("/progress/set-twice", test_set_twice);
  g_test_add_func ("/progress/cancelled", test_cancelled);
  g_test_add_func ("/progress/cancelled-when-told", test_cancelled_when_told);
  g_test_add_func ("/progress/waited-for-by-two", test_waited_for_by_two);
  g_test_add_func ("/progress/reported-when-told", test_reported_when_told);
  g_test_add_data_func ("/progress/waited-for-when-told/loop", GINT_TO_POINTER (FALSE),
                        test_waited_for_when_told);
  g_test_add_data_func ("/progress/waited-for-when-told/wait", GINT_TO_POINTER (TRUE),
                        test_waited_for_when_told);

  return g_test_run ();
}
