/* SPDX-License-Identifier: MIT OR Apache-2.0 */

/* Tasks that are freed by whoever has them: without having ended, and then their
 * function is never called; or after they were ended, and then that does nothing.
 * Every critical warning ends this program. */

#include "support.h"

static void
unexpected_func (QIOTask *task G_GNUC_UNUSED,
                 gpointer opaque G_GNUC_UNUSED)
{
  g_assert_not_reached ();
}

static QIOTask *
new_uncalled (gpointer source,
              gint *freed)
{
  return qio_task_new (source, unexpected_func, freed, count_up);
}

/* What a task may have had done to it before it is freed. */
typedef void (*Before) (QIOTask *task);

static void
nothing (QIOTask *task G_GNUC_UNUSED)
{
}

static void
set_error (QIOTask *task)
{
  qio_task_set_error (task, g_error_new (G_IO_ERROR, G_IO_ERROR_FAILED, "Never told"));
}

static void
set_result (QIOTask *task)
{
  qio_task_set_result_pointer (task, g_strdup ("Never told"), g_free);
}

static void
report (QIOTask *task)
{
  qio_task_set_progress_func (task, unexpected_progress, g_strdup ("Never told"), g_free);
  qio_task_report_progress (task, 0.5);
}

/* It is freed before the cancellation is told. */
static void
cancel_and_report (QIOTask *task)
{
  report (task);
  qio_task_cancel (task);
}

static void
ask_for_async_result (QIOTask *task)
{
  qio_task_get_async_result (task);
}

static void
test_held (gconstpointer before)
{
  GObject *source = g_object_new (G_TYPE_OBJECT, NULL);
  gint freed = 0;
  QIOTask *task = new_uncalled (source, &freed);

  no_longer_than_a_minute ();
  ((Before) before) (task);
  qio_task_free (task);
  g_assert_cmpint (freed, ==, 1);
  iterate_all (NULL);
  g_assert_cmpint (freed, ==, 1);
  g_assert_cmpuint (source->ref_count, ==, 1);
  g_object_unref (source);
  qio_task_free (task);
}

static void
test_null (void)
{
  no_longer_than_a_minute ();
  qio_task_free (NULL);
}

/* Neither its timeout nor its cancellable finds it any more. */
static void
test_with_timeout (void)
{
  GCancellable *cancellable = g_cancellable_new ();
  Ending later = { 0 };
  gint freed = 0;
  QIOTask *task, *witness;

  no_longer_than_a_minute ();
  task = qio_task_new_full (NULL, cancellable, "freed", G_PRIORITY_DEFAULT, 1, unexpected_func,
                            &freed, count_up);
  witness = qio_task_new_full (NULL, NULL, NULL, G_PRIORITY_LOW, 5, ending_func, &later,
                               ending_freed);
  qio_task_free (task);
  g_assert_cmpint (freed, ==, 1);
  g_assert_cmpuint (G_OBJECT (cancellable)->ref_count, ==, 1);
  g_cancellable_cancel (cancellable);
  iterate_until (NULL, &later.calls, 1);
  qio_task_complete (witness);
  assert_ended_with (&later, G_IO_ERROR_TIMED_OUT);
  g_object_unref (cancellable);
}

/* Its function has been called, and it waited for its holder. */
static void
test_cancelled (void)
{
  Ending ending = { 0 };
  QIOTask *task = ending_task (&ending, NULL);

  no_longer_than_a_minute ();
  qio_task_cancel (task);
  iterate_until (NULL, &ending.calls, 1);
  g_assert_cmpint (ending.freed, ==, 0);
  set_error (task);
  set_result (task);
  qio_task_free (task);
  assert_ended_with (&ending, G_IO_ERROR_CANCELLED);
}

static void
free_pointed_to (GCancellable *cancellable G_GNUC_UNUSED,
                 gpointer task)
{
  qio_task_free (*(QIOTask **) task);
}

/* One that comes before the task's own handler, and one that comes after it. */
static void
test_in_handler_of_its_cancellable (void)
{
  GCancellable *cancellable = g_cancellable_new ();
  QIOTask *tasks[2];
  gint freed = 0;

  no_longer_than_a_minute ();
  g_signal_connect (cancellable, "cancelled", G_CALLBACK (free_pointed_to), &tasks[0]);
  for (gint i = 0; i < 2; i++)
    tasks[i] = qio_task_new_full (NULL, cancellable, NULL, G_PRIORITY_DEFAULT, 0, unexpected_func,
                                  &freed, count_up);
  g_signal_connect (cancellable, "cancelled", G_CALLBACK (free_pointed_to), &tasks[1]);
  g_cancellable_cancel (cancellable);
  g_assert_cmpint (freed, ==, 2);
  iterate_all (NULL);
  g_object_unref (cancellable);
}

/* Who completes a task frees it afterwards, as QEMU does since 2026. */

static void
cancel_and_complete (QIOTask *task)
{
  qio_task_set_error (task, g_error_new (G_IO_ERROR, G_IO_ERROR_CANCELLED, "As if"));
  qio_task_complete (task);
}

static void
work_and_wait (QIOTask *task)
{
  qio_task_run_in_thread (task, no_work, NULL, NULL, NULL);
  qio_task_wait_thread (task);
}

static void
work (QIOTask *task)
{
  qio_task_run_in_thread (task, no_work, NULL, NULL, NULL);
}

static void
test_after (gconstpointer end)
{
  Ending ending = { 0 };
  QIOTask *task = ending_task (&ending, NULL);

  no_longer_than_a_minute ();
  ((Before) end) (task);
  qio_task_free (task);
  iterate_until (NULL, &ending.freed, 1);
  qio_task_free (task);
  g_assert_cmpint (ending.calls, ==, 1);
  g_assert_cmpint (ending.freed, ==, 1);
  g_clear_error (&ending.error);
}

/* A task and a source of the main loop that has it. */
static gboolean
complete_once (gpointer task)
{
  qio_task_complete (task);
  return G_SOURCE_REMOVE;
}

static void
test_source_that_completes (void)
{
  Ending ending = { 0 };
  QIOTask *task = ending_task (&ending, NULL);

  no_longer_than_a_minute ();
  g_idle_add_full (G_PRIORITY_DEFAULT, complete_once, task, (GDestroyNotify) qio_task_free);
  iterate_until (NULL, &ending.freed, 1);
  assert_ended_well (&ending);
}

static void
test_source_that_is_removed (void)
{
  gint freed = 0;
  QIOTask *task = new_uncalled (NULL, &freed);
  guint source;

  no_longer_than_a_minute ();
  source = g_idle_add_full (G_PRIORITY_DEFAULT, complete_once, task,
                            (GDestroyNotify) qio_task_free);
  g_source_remove (source);
  g_assert_cmpint (freed, ==, 1);
  iterate_all (NULL);
}

/* Freed by what it calls. */

static void
func_that_frees (QIOTask *task,
                 gpointer opaque)
{
  Ending *ending = opaque;

  qio_task_free (task);
  g_assert_cmpint (ending->freed, ==, 0);
  ending_func (task, opaque);
}

static void
test_in_function (gconstpointer end)
{
  Ending ending = { 0 };
  QIOTask *task = qio_task_new (NULL, func_that_frees, &ending, ending_freed);

  no_longer_than_a_minute ();
  ((Before) end) (task);
  iterate_until (NULL, &ending.freed, 1);
  g_assert_cmpint (ending.calls, ==, 1);
  g_clear_error (&ending.error);
}

/* Whoever has a cancelled task may free it as its function is called, and so
 * need not do it later. */
static void
test_in_function_of_a_held_one (void)
{
  Ending ending = { 0 };
  QIOTask *task = qio_task_new (NULL, func_that_frees, &ending, ending_freed);

  no_longer_than_a_minute ();
  qio_task_cancel (task);
  iterate_until (NULL, &ending.freed, 1);
  assert_ended_with (&ending, G_IO_ERROR_CANCELLED);
}

typedef struct
{
  QIOTask *task;
  gint calls;
} Hook;

static void
hook_that_frees (gpointer opaque)
{
  Hook *hook = opaque;

  qio_task_free (hook->task);
  hook->calls++;
}

static void
test_in_destroy (void)
{
  Hook hook = { 0 };

  no_longer_than_a_minute ();
  hook.task = qio_task_new (NULL, unexpected_func, &hook, hook_that_frees);
  qio_task_set_result_pointer (hook.task, &hook, hook_that_frees);
  qio_task_set_progress_func (hook.task, unexpected_progress, &hook, hook_that_frees);
  qio_task_free (hook.task);
  g_assert_cmpint (hook.calls, ==, 3);
}

typedef struct
{
  gint told;
  gint progress_freed;
  gint freed;
  Gate entered;
  Gate gate;
} Telling;

static void
told (QIOTask *task,
      gdouble fraction G_GNUC_UNUSED,
      gpointer opaque)
{
  Telling *telling = opaque;

  telling->told++;
  qio_task_report_progress (task, 0.75);
  qio_task_free (task);
  g_assert_cmpint (telling->progress_freed, ==, 0);
  g_assert_cmpint (telling->freed, ==, 0);
}

static void
told_freed (gpointer opaque)
{
  count_up (&((Telling *) opaque)->progress_freed);
}

static void
telling_freed (gpointer opaque)
{
  count_up (&((Telling *) opaque)->freed);
}

static void
test_in_progress_func (void)
{
  Telling telling = { 0 };
  QIOTask *task = qio_task_new (NULL, unexpected_func, &telling, telling_freed);

  no_longer_than_a_minute ();
  qio_task_set_progress_func (task, told, &telling, told_freed);
  qio_task_report_progress (task, 0.5);
  iterate_until (NULL, &telling.freed, 1);
  iterate_all (NULL);
  g_assert_cmpint (telling.told, ==, 1);
  g_assert_cmpint (telling.progress_freed, ==, 1);
}

/* While another thread tells of its progress: that one frees it. */

static void
told_elsewhere (QIOTask *task G_GNUC_UNUSED,
                gdouble fraction G_GNUC_UNUSED,
                gpointer opaque)
{
  Telling *telling = opaque;

  telling->told++;
  gate_open (&telling->entered);
  gate_wait (&telling->gate);
  g_assert_cmpint (telling->freed, ==, 0);
}

static gpointer
iterate_until_freed (gpointer opaque)
{
  Telling *telling = opaque;

  while (g_atomic_int_get (&telling->freed) == 0)
    g_main_context_iteration (NULL, TRUE);
  iterate_all (NULL);
  return NULL;
}

static void
test_while_told_elsewhere (void)
{
  Telling telling = { 0 };
  QIOTask *task = qio_task_new (NULL, unexpected_func, &telling, telling_freed);
  GThread *loop;

  no_longer_than_a_minute ();
  qio_task_set_progress_func (task, told_elsewhere, &telling, told_freed);
  qio_task_report_progress (task, 0.5);
  loop = g_thread_new ("iterates", iterate_until_freed, &telling);
  gate_wait (&telling.entered);
  qio_task_report_progress (task, 0.75);
  qio_task_free (task);
  g_assert_cmpint (telling.freed, ==, 0);
  gate_open (&telling.gate);
  g_thread_join (loop);
  g_assert_cmpint (telling.told, ==, 1);
  g_assert_cmpint (telling.progress_freed, ==, 1);
  g_assert_cmpint (telling.freed, ==, 1);
}

/* In a thread: it is not the caller's any more, and frees itself. */

typedef struct
{
  Ending ending;
  Gate started;
  Gate gate;
} Worker;

static void
work_at_gate (QIOTask *task G_GNUC_UNUSED,
              gpointer opaque)
{
  Worker *worker = opaque;

  gate_open (&worker->started);
  gate_wait (&worker->gate);
}

static void
test_in_thread (void)
{
  Worker worker = { 0 };
  QIOTask *task = ending_task (&worker.ending, NULL);

  no_longer_than_a_minute ();
  qio_task_run_in_thread (task, work_at_gate, &worker, NULL, NULL);
  gate_wait (&worker.started);
  qio_task_free (task);
  g_assert_cmpint (worker.ending.freed, ==, 0);
  gate_open (&worker.gate);
  iterate_until (NULL, &worker.ending.freed, 1);
  assert_ended_well (&worker.ending);
}

static void
test_in_thread_cancelled (gconstpointer milliseconds)
{
  Worker worker = { 0 };
  guint timeout = GPOINTER_TO_UINT (milliseconds);
  gint code = timeout == 0 ? G_IO_ERROR_CANCELLED : G_IO_ERROR_TIMED_OUT;
  QIOTask *task = qio_task_new_full (NULL, NULL, NULL, G_PRIORITY_DEFAULT, timeout, ending_func,
                                     &worker.ending, ending_freed);

  no_longer_than_a_minute ();
  qio_task_run_in_thread (task, work_at_gate, &worker, NULL, NULL);
  gate_wait (&worker.started);
  if (timeout == 0)
    qio_task_cancel (task);
  iterate_until (NULL, &worker.ending.calls, 1);
  qio_task_free (task);
  /* The worker may use them still. */
  g_assert_cmpint (worker.ending.freed, ==, 0);
  gate_open (&worker.gate);
  iterate_until (NULL, &worker.ending.freed, 1);
  assert_ended_with (&worker.ending, code);
}

static void
work_that_frees (QIOTask *task,
                 gpointer opaque)
{
  Ending *ending = opaque;

  qio_task_free (task);
  g_assert_cmpint (ending->freed, ==, 0);
}

static void
test_in_worker (void)
{
  Ending ending = { 0 };

  no_longer_than_a_minute ();
  qio_task_run_in_thread (ending_task (&ending, NULL), work_that_frees, &ending, NULL, NULL);
  iterate_until (NULL, &ending.freed, 1);
  assert_ended_well (&ending);
}

/* From another thread: there it is freed. */

static void
note_thread (gpointer thread)
{
  *(GThread **) thread = g_thread_self ();
}

static gpointer
free_task (gpointer task)
{
  qio_task_free (task);
  return g_thread_self ();
}

static void
test_elsewhere (gconstpointer before)
{
  GObject *source = g_object_new (G_TYPE_OBJECT, NULL);
  GThread *freed_on = NULL;
  QIOTask *task = qio_task_new (source, unexpected_func, &freed_on, note_thread);
  gpointer thread;

  no_longer_than_a_minute ();
  ((Before) before) (task);
  thread = g_thread_join (g_thread_new ("frees", free_task, task));
  g_assert_true (freed_on == thread);
  iterate_all (NULL);
  g_assert_cmpuint (source->ref_count, ==, 1);
  g_object_unref (source);
}

/* As GIO sees it, with the backend gtask. */
static void
test_async_result (void)
{
  GObject *source = g_object_new (G_TYPE_OBJECT, NULL);
  gint freed = 0;
  QIOTask *task = new_uncalled (source, &freed);
  GAsyncResult *result = qio_task_get_async_result (task);
  GError *error = NULL;

  no_longer_than_a_minute ();
  g_object_ref (result);
  qio_task_free (task);
  g_assert_cmpint (freed, ==, 1);
  iterate_all (NULL);
  g_assert_true (g_task_get_completed (G_TASK (result)));
  g_assert_false (g_task_propagate_boolean (G_TASK (result), &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CLOSED);
  g_error_free (error);
  g_object_unref (result);
  g_assert_cmpuint (source->ref_count, ==, 1);
  g_object_unref (source);
}

int
main (int argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

#define add(path, before) g_test_add_data_func ("/free/held/" path, before, test_held)
  add ("plain", nothing);
  add ("failed", set_error);
  add ("with-result", set_result);
  add ("with-progress", report);
  add ("cancelled", cancel_and_report);
  add ("seen", ask_for_async_result);
#undef add
#define add(path, before) g_test_add_data_func ("/free/elsewhere/" path, before, test_elsewhere)
  add ("plain", nothing);
  add ("failed", set_error);
  add ("cancelled", cancel_and_report);
  add ("seen", ask_for_async_result);
#undef add
#define add(path, end) g_test_add_data_func ("/free/after/" path, end, test_after)
  add ("complete", qio_task_complete);
  add ("failure", cancel_and_complete);
  add ("idle", qio_task_complete_in_idle);
  add ("abandon", qio_task_abandon);
  add ("thread", work);
  add ("wait", work_and_wait);
#undef add
#define add(path, end) g_test_add_data_func ("/free/in-function/" path, end, test_in_function)
  add ("complete", qio_task_complete);
  add ("failure", cancel_and_complete);
  add ("idle", qio_task_complete_in_idle);
  add ("thread", work);
  add ("wait", work_and_wait);
#undef add
  g_test_add_func ("/free/null", test_null);
  g_test_add_func ("/free/with-timeout", test_with_timeout);
  g_test_add_func ("/free/cancelled", test_cancelled);
  g_test_add_func ("/free/in-handler-of-its-cancellable", test_in_handler_of_its_cancellable);
  g_test_add_func ("/free/source-that-completes", test_source_that_completes);
  g_test_add_func ("/free/source-that-is-removed", test_source_that_is_removed);
  g_test_add_func ("/free/in-function-of-a-held-one", test_in_function_of_a_held_one);
  g_test_add_func ("/free/in-destroy", test_in_destroy);
  g_test_add_func ("/free/in-progress-func", test_in_progress_func);
  g_test_add_func ("/free/while-told-elsewhere", test_while_told_elsewhere);
  g_test_add_func ("/free/in-thread", test_in_thread);
  g_test_add_data_func ("/free/in-thread-cancelled", GUINT_TO_POINTER (0),
                        test_in_thread_cancelled);
  g_test_add_data_func ("/free/in-thread-timed-out", GUINT_TO_POINTER (1),
                        test_in_thread_cancelled);
  g_test_add_func ("/free/in-worker", test_in_worker);
  if (has_gtasks ())
    g_test_add_func ("/free/async-result", test_async_result);

  return g_test_run ();
}
