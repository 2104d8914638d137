/* SPDX-License-Identifier: MIT OR Apache-2.0 */

/* Several threads at one task: whoever comes first ends it, and it ends once. */

#include "support.h"

static gint most_rounds = 20 * 1000;

/* As many rounds as there is time for: where others compute, each takes long. */
static gboolean
is_due (gint round,
        gint64 start)
{
  if (round > most_rounds)
    return FALSE;
  return round <= 50 || g_get_monotonic_time () - start < 2 * G_USEC_PER_SEC;
}

/* A thread that does the same thing to one task after another, at the same
 * time as the main thread does something else to it. */
typedef struct
{
  void (*act) (gpointer target);
  gpointer target;
  gint round;
  gint done;
} Other;

#define NO_MORE G_MAXINT

static gpointer
act_in_rounds (gpointer opaque)
{
  Other *other = opaque;

  for (gint round = 1;; round++)
    {
      while (g_atomic_int_get (&other->round) < round)
        g_thread_yield ();
      if (g_atomic_int_get (&other->round) == NO_MORE)
        return NULL;
      other->act (other->target);
      g_atomic_int_set (&other->done, round);
    }
}

static void
start_round (Other *other,
             gint round,
             gpointer target)
{
  other->target = target;
  g_atomic_int_set (&other->round, round);
}

/* Where the other thread has not ended its part. */
static void
end_round (Other *other,
           gint round)
{
  while (g_atomic_int_get (&other->done) < round)
    g_thread_yield ();
}

static void
end_rounds (Other *other,
            GThread *thread)
{
  g_atomic_int_set (&other->round, NO_MORE);
  g_thread_join (thread);
}

static void
cancel (gpointer cancellable)
{
  g_cancellable_cancel (cancellable);
}

static void
run (QIOTask *task)
{
  qio_task_run_in_thread (task, no_work, NULL, NULL, NULL);
}

static void
run_and_wait (QIOTask *task)
{
  run (task);
  qio_task_wait_thread (task);
}

/* Ends each task while another thread cancels it. */
static void
test_cancel (gconstpointer end)
{
  gint64 start = g_get_monotonic_time ();
  Other other = { .act = cancel };
  GThread *thread = g_thread_new ("cancels", act_in_rounds, &other);
  gint cancelled = 0;
  gint ended = 0;

  no_longer_than_a_minute ();
  for (gint round = 1; is_due (round, start); round++)
    {
      Ending ending = { 0 };
      gint freed = 0;
      GCancellable *cancellable = g_cancellable_new ();
      QIOTask *task = qio_task_new_full (NULL, cancellable, NULL, G_PRIORITY_DEFAULT, 0,
                                         ending_func, &ending, ending_freed);

      qio_task_set_result_pointer (task, &freed, count_up);
      start_round (&other, round, cancellable);
      ((void (*) (QIOTask *)) end) (task);
      iterate_until (NULL, &ending.freed, 1);
      end_round (&other, round);
      g_assert_cmpint (freed, ==, 1);
      g_assert_cmpint (ending.calls, ==, 1);
      g_assert_cmpint (ending.freed, ==, 1);
      g_assert_true ((ending.error == NULL) == (ending.result != NULL));
      cancelled += ending.error != NULL;
      ended++;
      g_clear_error (&ending.error);
      g_object_unref (cancellable);
    }
  end_rounds (&other, thread);
  iterate_all (NULL);
  g_test_message ("%d of %d were cancelled", cancelled, ended);
}

static void
count_critical (const gchar *domain G_GNUC_UNUSED,
                GLogLevelFlags level G_GNUC_UNUSED,
                const gchar *message G_GNUC_UNUSED,
                gpointer count)
{
  count_up (count);
}

static void
complete (gpointer task)
{
  qio_task_complete (task);
}

/* Two threads complete the same task. One of them is refused. */
static void
test_complete_twice (void)
{
  gint64 start = g_get_monotonic_time ();
  Other other = { .act = complete };
  GThread *thread = g_thread_new ("completes", act_in_rounds, &other);
  gint refused = 0;
  guint handler = g_log_set_handler ("qio-task", G_LOG_LEVEL_CRITICAL, count_critical, &refused);

  no_longer_than_a_minute ();
  survive_criticals ();
  for (gint round = 1; is_due (round, start); round++)
    {
      Ending ending = { 0 };
      gint freed = 0;
      QIOTask *task = ending_task (&ending, NULL);

      qio_task_set_result_pointer (task, &freed, count_up);
      start_round (&other, round, task);
      qio_task_complete (task);
      end_round (&other, round);
      g_assert_cmpint (freed, ==, 1);
      assert_ended_well (&ending);
      g_assert_cmpint (refused, ==, round);
    }
  end_rounds (&other, thread);
  g_log_remove_handler ("qio-task", handler);
}

static void
work_until_cancelled (QIOTask *task,
                      gpointer opaque G_GNUC_UNUSED)
{
  while (!qio_task_is_cancelled (task))
    g_thread_yield ();
}

/* Where two threads wait for each other, without a system call that takes long. */
static void
meet (gint *met)
{
  g_atomic_int_inc (met);
  while (g_atomic_int_get (met) < 2)
    ;
}

typedef struct
{
  QIOTask *task;
  gint met;
} Cancelling;

static gpointer
cancel_task (gpointer opaque)
{
  Cancelling *cancelling = opaque;

  meet (&cancelling->met);
  qio_task_cancel (cancelling->task);
  return NULL;
}

/* Hands each task to a thread while another thread cancels it: were that lost,
 * the worker would not return. */
static void
test_cancel_the_handed_on (void)
{
  gint64 start = g_get_monotonic_time ();
  no_longer_than_a_minute ();
  for (gint round = 1; is_due (round, start); round++)
    {
      Ending ending = { 0 };
      Cancelling cancelling = { 0 };
      GThread *thread;

      cancelling.task = qio_task_new_full (NULL, NULL, NULL, G_PRIORITY_DEFAULT, 0, ending_func,
                                           &ending, ending_freed);
      thread = g_thread_new ("cancels", cancel_task, &cancelling);
      meet (&cancelling.met);
      /* Each time a bit later. */
      for (gint i = 0; i < round % 200; i++)
        g_atomic_int_get (&cancelling.met);
      qio_task_run_in_thread (cancelling.task, work_until_cancelled, NULL, NULL, NULL);
      g_thread_join (thread);
      iterate_until (NULL, &ending.freed, 1);
      assert_ended_with (&ending, G_IO_ERROR_CANCELLED);
    }
}

static void
own_now_and_then (gpointer context)
{
  for (gint i = 0; i < 100; i++)
    if (g_main_context_acquire (context))
      g_main_context_release (context);
}

/* Asks for the results of tasks whose main context any thread may own. */
static void
test_async_result (void)
{
  gint64 start = g_get_monotonic_time ();
  Other other = { .act = own_now_and_then };
  GThread *thread = g_thread_new ("owns", act_in_rounds, &other);

  no_longer_than_a_minute ();
  for (gint round = 1; is_due (round, start); round++)
    {
      Ending ending = { 0 };
      QIOTask *task = ending_task (&ending, NULL);

      start_round (&other, round, g_main_context_default ());
      for (gint i = 0; i < 10; i++)
        {
          GAsyncResult *result = qio_task_get_async_result (task);

          g_assert_true (result == NULL || G_IS_ASYNC_RESULT (result));
        }
      end_round (&other, round);
      qio_task_complete (task);
      assert_ended_well (&ending);
      iterate_all (NULL);
    }
  end_rounds (&other, thread);
}

/* Lets the other thread go first, each time by more. */
static void
dawdle (Other *other,
        gint round)
{
  gint end = (round % 100) * (round % 100);

  for (gint i = 0; i < end; i++)
    g_atomic_int_get (&other->round);
}

static void
free_task (gpointer task)
{
  qio_task_free (task);
}

/* An ending of which another thread may see to it that there is none. */
static void
maybe_freed (gpointer opaque)
{
  Ending *ending = opaque;

  g_atomic_int_inc (&ending->freed);
}

/* Ends each task while another thread frees it: its function is called, or that was
 * too late and is refused. */
static void
test_free (gconstpointer end)
{
  gint64 start = g_get_monotonic_time ();
  Other other = { .act = free_task };
  GThread *thread = g_thread_new ("frees", act_in_rounds, &other);
  gint refused = 0;
  gint called = 0;
  gint round;
  GLogLevelFlags fatal = g_log_set_always_fatal (G_LOG_FATAL_MASK);
  guint handler = g_log_set_handler ("qio-task", G_LOG_LEVEL_CRITICAL | G_LOG_FLAG_FATAL,
                                     count_critical, &refused);

  no_longer_than_a_minute ();
  survive_criticals ();
  for (round = 1; is_due (round, start); round++)
    {
      Ending ending = { 0 };
      gint freed = 0;
      QIOTask *task = qio_task_new (NULL, ending_func, &ending, maybe_freed);

      /* Half of them are no more than what they were made with. */
      if (round % 2 == 0)
        qio_task_set_result_pointer (task, &freed, count_up);
      start_round (&other, round, task);
      dawdle (&other, round);
      ((void (*) (QIOTask *)) end) (task);
      end_round (&other, round);
      iterate_until (NULL, &ending.freed, 1);
      iterate_all (NULL);
      called += ending.calls;
      g_assert_cmpint (ending.freed, ==, 1);
      g_assert_cmpint (freed, ==, round % 2 == 0);
      g_assert_cmpint (called + refused, ==, round);
    }
  end_rounds (&other, thread);
  g_test_message ("%d of %d were freed before", refused, round - 1);
  g_log_remove_handler ("qio-task", handler);
  g_log_set_always_fatal (fatal);
}

static void
iterate_context (gpointer context)
{
  iterate_all (context);
}

/* Frees each task while another thread tells it that it is cancelled. */
static void
test_free_the_cancelled (void)
{
  gint64 start = g_get_monotonic_time ();
  GMainContext *context = g_main_context_new ();
  Other other = { .act = iterate_context };
  GThread *thread = g_thread_new ("iterates", act_in_rounds, &other);
  gint called = 0;
  gint round;

  no_longer_than_a_minute ();
  for (round = 1; is_due (round, start); round++)
    {
      Ending ending = { 0 };
      QIOTask *task;

      g_main_context_push_thread_default (context);
      task = qio_task_new (NULL, ending_func, &ending, maybe_freed);
      g_main_context_pop_thread_default (context);
      qio_task_cancel (task);
      start_round (&other, round, context);
      dawdle (&other, round);
      qio_task_free (task);
      end_round (&other, round);
      g_assert_cmpint (ending.calls, <=, 1);
      g_assert_cmpint (ending.freed, ==, 1);
      called += ending.calls;
      g_clear_error (&ending.error);
    }
  end_rounds (&other, thread);
  g_test_message ("%d of %d were told before", called, round - 1);
  g_main_context_unref (context);
}

static void
abandon (gpointer task)
{
  qio_task_abandon (task);
}

static void
note_thread (gpointer thread)
{
  g_atomic_pointer_set ((GThread **) thread, g_thread_self ());
}

/* What another thread abandons is freed on this one, where its function is called. */
static void
test_abandon_elsewhere (void)
{
  gint64 start = g_get_monotonic_time ();
  Other other = { .act = abandon };
  GThread *thread = g_thread_new ("abandons", act_in_rounds, &other);

  no_longer_than_a_minute ();
  for (gint round = 1; is_due (round, start); round++)
    {
      Ending ending = { 0 };
      GThread *freed_on = NULL;
      QIOTask *task = ending_task (&ending, NULL);

      qio_task_set_result_pointer (task, &freed_on, note_thread);
      start_round (&other, round, task);
      while (g_atomic_pointer_get (&freed_on) == NULL)
        g_main_context_iteration (NULL, FALSE);
      end_round (&other, round);
      g_assert_true (freed_on == g_thread_self ());
      assert_ended_with (&ending, G_IO_ERROR_CLOSED);
    }
  end_rounds (&other, thread);
}

int
main (int argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  if (g_getenv ("QIO_TASK_TESTS_FEW") != NULL)
    most_rounds = 500;

  g_test_add_data_func ("/races/cancel/complete", qio_task_complete, test_cancel);
  g_test_add_data_func ("/races/cancel/idle", qio_task_complete_in_idle, test_cancel);
  g_test_add_data_func ("/races/cancel/thread", run, test_cancel);
  g_test_add_data_func ("/races/cancel/wait", run_and_wait, test_cancel);
  g_test_add_func ("/races/complete-twice", test_complete_twice);
  g_test_add_func ("/races/cancel-the-handed-on", test_cancel_the_handed_on);
  g_test_add_data_func ("/races/free/complete", qio_task_complete, test_free);
  g_test_add_data_func ("/races/free/idle", qio_task_complete_in_idle, test_free);
  g_test_add_data_func ("/races/free/thread", run, test_free);
  g_test_add_func ("/races/free/cancelled", test_free_the_cancelled);
  g_test_add_func ("/races/async-result", test_async_result);
  g_test_add_func ("/races/abandon-elsewhere", test_abandon_elsewhere);

  return g_test_run ();
}
