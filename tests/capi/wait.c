/* SPDX-License-Identifier: MIT OR Apache-2.0 */

/* Waiting for the worker instead of for the loop. */

#include "support.h"

/* The worker's side: it says that it has begun, and ends when it is told to. */
typedef struct
{
  Gate has_begun;
  Gate may_end;
  gint has_returned;
} Work;

static void
work (QIOTask *task,
      gpointer opaque)
{
  Work *data = opaque;

  gate_open (&data->has_begun);
  gate_wait (&data->may_end);
  /* So that who waits has most likely gone to sleep. */
  g_usleep (G_USEC_PER_SEC / 50);
  qio_task_set_result_pointer (task, data, NULL);
  g_atomic_int_set (&data->has_returned, TRUE);
}

static gboolean
count_dispatch (gpointer count)
{
  count_up (count);
  return G_SOURCE_REMOVE;
}

/* A source that is dispatched as soon as somebody iterates @context. */
static void
watch_iterations (GMainContext *context,
                  gint *iterations)
{
  GSource *source = g_idle_source_new ();

  g_source_set_priority (source, G_PRIORITY_HIGH);
  g_source_set_callback (source, count_dispatch, iterations, NULL);
  g_source_attach (source, context);
  g_source_unref (source);
}

/* Waits, and asserts that this was not by iterating, and leaves nothing that
 * is done when @context is iterated. */
static void
wait_without_iterating (QIOTask *task,
                        Ending *ending,
                        GMainContext *context)
{
  gint iterations = 0;

  watch_iterations (context, &iterations);
  qio_task_wait_thread (task);
  assert_ended_well (ending);
  g_assert_true (ending->thread == g_thread_self ());
  g_assert_cmpint (iterations, ==, 0);

  iterate_all (context);
  g_assert_cmpint (iterations, ==, 1);
  assert_ended_well (ending);
}

static void
test_busy (gconstpointer is_default)
{
  Work data = { 0 };
  Ending ending = { 0 };
  GMainContext *context = is_default ? g_main_context_ref (g_main_context_default ())
                                     : g_main_context_new ();
  QIOTask *task = ending_task (&ending, NULL);

  no_longer_than_a_minute ();
  qio_task_run_in_thread (task, work, &data, NULL, is_default ? NULL : context);
  gate_wait (&data.has_begun);
  gate_open (&data.may_end);
  wait_without_iterating (task, &ending, context);
  g_assert_true (data.has_returned);
  g_assert_true (ending.result == &data);
  g_main_context_unref (context);
}

static void
test_queued (gconstpointer is_default)
{
  Work data = { 0 };
  Ending ending = { 0 };
  GMainContext *context = is_default ? g_main_context_ref (g_main_context_default ())
                                     : g_main_context_new ();
  QIOTask *task = ending_task (&ending, NULL);

  no_longer_than_a_minute ();
  gate_open (&data.may_end);
  qio_task_run_in_thread (task, work, &data, NULL, is_default ? NULL : context);
  /* The default context may be pending for what a case before this has left. */
  while (!g_atomic_int_get (&data.has_returned) || !g_main_context_pending (context))
    g_thread_yield ();
  g_assert_cmpint (ending.calls, ==, 0);
  wait_without_iterating (task, &ending, context);
  g_main_context_unref (context);
}

/* Of two completions that are queued only the one that is waited for is taken
 * back. */
static void
test_one_of_two (void)
{
  Work data = { 0 };
  Ending first = { 0 };
  Ending second = { 0 };
  GMainContext *context = g_main_context_new ();
  QIOTask *task;

  no_longer_than_a_minute ();
  gate_open (&data.may_end);
  qio_task_run_in_thread (ending_task (&first, NULL), work, &data, NULL, context);
  task = ending_task (&second, NULL);
  qio_task_run_in_thread (task, work, &data, NULL, context);
  qio_task_wait_thread (task);
  assert_ended_well (&second);
  g_assert_cmpint (first.calls, ==, 0);

  iterate_until (context, &first.calls, 1);
  iterate_all (context);
  assert_ended_well (&first);
  assert_ended_well (&second);
  g_main_context_unref (context);
}

static gpointer
wait_for_task (gpointer task)
{
  qio_task_wait_thread (task);
  return g_thread_self ();
}

/* The thread that owns the context does not iterate it, so another one can't
 * leave the completion to it. */
static void
test_other_thread (void)
{
  Work data = { 0 };
  Ending ending = { 0 };
  GMainContext *context = g_main_context_new ();
  QIOTask *task = ending_task (&ending, NULL);
  GThread *thread;

  no_longer_than_a_minute ();
  g_assert_true (g_main_context_acquire (context));
  qio_task_run_in_thread (task, work, &data, NULL, context);
  thread = g_thread_new ("waits", wait_for_task, task);
  gate_open (&data.may_end);
  g_assert_true (g_thread_join (thread) == ending.thread);
  assert_ended_well (&ending);

  iterate_all (context);
  assert_ended_well (&ending);
  g_main_context_release (context);
  g_main_context_unref (context);
}

/* A function that takes its time, on another thread. */
typedef struct
{
  QIOTask *task;
  GMainContext *context;
  Gate is_inside;
  gint has_returned;
} Slow;

static void
slow_func (QIOTask *task G_GNUC_UNUSED,
           gpointer opaque)
{
  Slow *slow = opaque;

  gate_open (&slow->is_inside);
  g_usleep (G_USEC_PER_SEC / 20);
  g_atomic_int_set (&slow->has_returned, TRUE);
}

static gpointer
iterate_slow (gpointer opaque)
{
  Slow *slow = opaque;

  iterate_until (slow->context, &slow->has_returned, TRUE);
  return NULL;
}

static void
test_being_called_elsewhere (void)
{
  Work data = { 0 };
  Slow slow = { .context = g_main_context_new () };
  GThread *thread;

  no_longer_than_a_minute ();
  /* On a machine that is busy enough the task has ended before this thread
   * waits for it, and is refused. */
  survive_criticals ();
  slow.task = qio_task_new (NULL, slow_func, &slow, NULL);
  gate_open (&data.may_end);
  qio_task_run_in_thread (slow.task, work, &data, NULL, slow.context);
  thread = g_thread_new ("iterates", iterate_slow, &slow);
  gate_wait (&slow.is_inside);
  qio_task_wait_thread (slow.task);
  g_assert_true (g_atomic_int_get (&slow.has_returned));
  g_thread_join (thread);
  g_main_context_unref (slow.context);
}

static void
nesting_worker (QIOTask *task,
                gpointer opaque)
{
  Ending *ending = opaque;
  Work data = { 0 };
  GMainContext *context = g_main_context_new ();
  QIOTask *nested = ending_task (ending, NULL);

  gate_open (&data.may_end);
  qio_task_run_in_thread (nested, work, &data, NULL, context);
  qio_task_wait_thread (nested);
  assert_ended_well (ending);
  qio_task_set_result_pointer (task, g_thread_self (), NULL);
  g_main_context_unref (context);
}

static void
test_from_a_worker (void)
{
  Ending inner = { 0 };
  Ending outer = { 0 };
  QIOTask *task = ending_task (&outer, NULL);

  no_longer_than_a_minute ();
  qio_task_run_in_thread (task, nesting_worker, &inner, NULL, NULL);
  qio_task_wait_thread (task);
  assert_ended_well (&outer);
  g_assert_true (inner.thread == outer.result);
  g_assert_true (inner.thread != outer.thread);
  iterate_all (NULL);
}

/* Waits for the task that it is given, in the function of another. */
static void
waiting_func (QIOTask *task G_GNUC_UNUSED,
              gpointer other)
{
  qio_task_wait_thread (other);
}

static void
test_from_a_function (void)
{
  Work data = { 0 };
  Ending ending = { 0 };
  QIOTask *task = ending_task (&ending, NULL);

  no_longer_than_a_minute ();
  gate_open (&data.may_end);
  qio_task_run_in_thread (task, work, &data, NULL, NULL);
  qio_task_complete_in_idle (qio_task_new (NULL, waiting_func, task, NULL));
  iterate_until (NULL, &ending.freed, 1);
  iterate_all (NULL);
  assert_ended_well (&ending);
}

int
main (int argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_data_func ("/wait/busy", GINT_TO_POINTER (FALSE), test_busy);
  g_test_add_data_func ("/wait/busy/default-context", GINT_TO_POINTER (TRUE), test_busy);
  g_test_add_data_func ("/wait/queued", GINT_TO_POINTER (FALSE), test_queued);
  g_test_add_data_func ("/wait/queued/default-context", GINT_TO_POINTER (TRUE), test_queued);
  g_test_add_func ("/wait/one-of-two", test_one_of_two);
  g_test_add_func ("/wait/other-thread", test_other_thread);
  g_test_add_func ("/wait/being-called-elsewhere", test_being_called_elsewhere);
  g_test_add_func ("/wait/from-a-worker", test_from_a_worker);
  g_test_add_func ("/wait/from-a-function", test_from_a_function);

  return g_test_run ();
}
