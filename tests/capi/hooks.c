/* SPDX-License-Identifier: MIT OR Apache-2.0 */

/* Whatever the library calls may call the library: the functions of tasks, and
 * what frees their data. */

#include "support.h"

/* A task and the functions of it that have been tried from a hook. */
typedef struct
{
  QIOTask *task;
  Ending *other;
  gint calls;
} Hook;

/* Makes and ends other tasks. */
static void
use_the_library (Ending *other)
{
  QIOTask *task = ending_task (other, NULL);

  qio_task_set_result_pointer (task, other, NULL);
  qio_task_complete (task);
  assert_ended_well (other);
  *other = (Ending) { 0 };
  task = ending_task (other, NULL);
  qio_task_cancel (task);
  qio_task_complete (task);
  assert_ended_with (other, G_IO_ERROR_CANCELLED);
  *other = (Ending) { 0 };
}

static void
hook_while_alive (gpointer opaque)
{
  Hook *hook = opaque;

  g_assert_null (qio_task_get_result_pointer (hook->task));
  g_assert_false (qio_task_is_cancelled (hook->task));
  use_the_library (hook->other);
  hook->calls++;
}

/* What is freed as the task ends finds it gone. */
static void
hook_when_gone (gpointer opaque)
{
  Hook *hook = opaque;

  expect_critical ("qio_task_get_source", "task");
  g_assert_null (qio_task_get_source (hook->task));
  expect_critical ("qio_task_complete", "task");
  qio_task_complete (hook->task);
  expect_critical ("qio_task_cancel", "task");
  qio_task_cancel (hook->task);
  g_test_assert_expected_messages ();
  use_the_library (hook->other);
  hook->calls++;
}

static void
ignore (QIOTask *task G_GNUC_UNUSED,
        gpointer opaque G_GNUC_UNUSED)
{
}

static void
ignore_progress (QIOTask *task G_GNUC_UNUSED,
                 gdouble fraction G_GNUC_UNUSED,
                 gpointer opaque G_GNUC_UNUSED)
{
}

/* Results and progress functions that are replaced while the task lives. */
static void
test_replaced (void)
{
  Ending other = { 0 };
  Hook hook = { qio_task_new (NULL, ignore, NULL, NULL), &other, 0 };

  no_longer_than_a_minute ();
  qio_task_set_result_pointer (hook.task, &hook, hook_while_alive);
  qio_task_set_result_pointer (hook.task, NULL, NULL);
  g_assert_cmpint (hook.calls, ==, 1);
  qio_task_set_progress_func (hook.task, ignore_progress, &hook, hook_while_alive);
  qio_task_set_progress_func (hook.task, ignore_progress, NULL, NULL);
  g_assert_cmpint (hook.calls, ==, 2);
  qio_task_complete (hook.task);
}

static void
end_by_thread (QIOTask *task)
{
  qio_task_run_in_thread (task, ignore, NULL, NULL, NULL);
}

static void
end_by_wait (QIOTask *task)
{
  qio_task_run_in_thread (task, ignore, NULL, NULL, NULL);
  qio_task_wait_thread (task);
}

static void
end_cancelled (QIOTask *task)
{
  qio_task_cancel (task);
  qio_task_complete_in_idle (task);
}

static void
test_freed (gconstpointer end)
{
  Ending other = { 0 };
  Hook hook = { NULL, &other, 0 };

  no_longer_than_a_minute ();
  hook.task = qio_task_new (NULL, ignore, &hook, hook_when_gone);
  qio_task_set_result_pointer (hook.task, &hook, hook_when_gone);
  qio_task_set_progress_func (hook.task, ignore_progress, &hook, hook_when_gone);
  ((void (*) (QIOTask *)) end) (hook.task);
  iterate_until (NULL, &hook.calls, 3);
  iterate_all (NULL);
  g_assert_cmpint (hook.calls, ==, 3);
}

/* A function that makes the next task, and completes it before it returns. */
static void
nest (QIOTask *task G_GNUC_UNUSED,
      gpointer left)
{
  if (--*(gint *) left > 0)
    qio_task_complete (qio_task_new (NULL, nest, left, NULL));
}

static void
test_nested (void)
{
  gint left = 1000;

  no_longer_than_a_minute ();
  qio_task_complete (qio_task_new (NULL, nest, &left, NULL));
  g_assert_cmpint (left, ==, 0);
}

/* A loop in a function delivers the rest. */
static void
iterate_inside (QIOTask *task G_GNUC_UNUSED,
                gpointer ended)
{
  iterate_until (NULL, ended, 2);
}

static void
test_nested_loop (void)
{
  Ending endings[2] = { 0 };
  gint ended = 0;

  no_longer_than_a_minute ();
  qio_task_complete_in_idle (qio_task_new (NULL, iterate_inside, &ended, NULL));
  for (gsize i = 0; i < G_N_ELEMENTS (endings); i++)
    {
      QIOTask *task = ending_task (&endings[i], NULL);

      qio_task_set_result_pointer (task, &ended, count_up);
      qio_task_run_in_thread (task, ignore, NULL, NULL, NULL);
    }
  g_main_context_iteration (NULL, TRUE);
  iterate_all (NULL);
  assert_ended_well (&endings[0]);
  assert_ended_well (&endings[1]);
}

/* What others have connected to the cancellable may use the library while it
 * is being cancelled, and the task is being handed on meanwhile. */
typedef struct
{
  GCancellable *cancellable;
  QIOTask *task;
  Gate is_inside;
  gint handled;
} Cancelling;

static void
cancelled (GCancellable *cancellable,
           gpointer opaque)
{
  Cancelling *cancelling = opaque;
  QIOTask *task = qio_task_new_full (NULL, cancellable, NULL, G_PRIORITY_DEFAULT, 0, ignore, NULL,
                                     NULL);

  gate_open (&cancelling->is_inside);
  g_usleep (G_USEC_PER_SEC / 50);
  g_assert_true (qio_task_is_cancelled (task));
  g_assert_true (qio_task_get_source (cancelling->task) == cancellable);
  qio_task_complete (task);
  count_up (&cancelling->handled);
}

static gpointer
cancel (gpointer opaque)
{
  Cancelling *cancelling = opaque;

  g_cancellable_cancel (cancelling->cancellable);
  return NULL;
}

static void
test_while_cancelling (void)
{
  Ending ending = { 0 };
  Cancelling cancelling = { .cancellable = g_cancellable_new () };
  GThread *thread;
  QIOTask *task;

  no_longer_than_a_minute ();
  cancelling.task = qio_task_new (cancelling.cancellable, ignore, NULL, NULL);
  g_signal_connect (cancelling.cancellable, "cancelled", G_CALLBACK (cancelled), &cancelling);
  task = qio_task_new_full (NULL, cancelling.cancellable, NULL, G_PRIORITY_DEFAULT, 0, ending_func,
                            &ending, ending_freed);
  thread = g_thread_new ("cancels", cancel, &cancelling);
  gate_wait (&cancelling.is_inside);
  qio_task_run_in_thread (task, ignore, NULL, NULL, NULL);
  iterate_until (NULL, &ending.freed, 1);
  g_thread_join (thread);
  g_assert_cmpint (cancelling.handled, ==, 1);
  assert_ended_with (&ending, G_IO_ERROR_CANCELLED);
  qio_task_complete (cancelling.task);
  iterate_all (NULL);
  g_assert_cmpuint (G_OBJECT (cancelling.cancellable)->ref_count, ==, 1);
  g_object_unref (cancelling.cancellable);
}

int
main (int argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/hooks/replaced", test_replaced);
  g_test_add_data_func ("/hooks/freed/complete", qio_task_complete, test_freed);
  g_test_add_data_func ("/hooks/freed/idle", qio_task_complete_in_idle, test_freed);
  g_test_add_data_func ("/hooks/freed/abandon", qio_task_abandon, test_freed);
  g_test_add_data_func ("/hooks/freed/thread", end_by_thread, test_freed);
  g_test_add_data_func ("/hooks/freed/wait", end_by_wait, test_freed);
  g_test_add_data_func ("/hooks/freed/cancelled", end_cancelled, test_freed);
  g_test_add_func ("/hooks/nested", test_nested);
  g_test_add_func ("/hooks/nested-loop", test_nested_loop);
  g_test_add_func ("/hooks/while-cancelling", test_while_cancelling);

  return g_test_run ();
}
