/* SPDX-License-Identifier: MIT OR Apache-2.0 */

/* Tasks that are cancelled while somebody holds them. */

#include "support.h"

static QIOTask *
new_task (Ending *ending,
          gpointer source,
          GCancellable *cancellable)
{
  return qio_task_new_full (source, cancellable, "cancelled", G_PRIORITY_DEFAULT_IDLE, 0,
                            ending_func, ending, ending_freed);
}

static gpointer
cancel_cancellable (gpointer cancellable)
{
  g_cancellable_cancel (cancellable);
  return NULL;
}

static gpointer
cancel_task (gpointer task)
{
  qio_task_cancel (task);
  return NULL;
}

static void
do_elsewhere (GThreadFunc func,
              gpointer data)
{
  g_thread_join (g_thread_new ("elsewhere", func, data));
}

/* Holds a cancelled task until its function has been called, and a bit longer. */
static void
assert_held_task_is_cancelled (QIOTask *task,
                               Ending *ending)
{
  gint freed = 0;

  g_assert_cmpint (ending->calls, ==, 0);
  iterate_until (NULL, &ending->calls, 1);
  g_assert_true (ending->thread == g_thread_self ());
  g_assert_true (qio_task_is_cancelled (task));

  /* Too late. */
  qio_task_set_result_pointer (task, &freed, count_up);
  qio_task_set_error (task, g_error_new (G_IO_ERROR, G_IO_ERROR_FAILED, "Too late"));
  qio_task_complete (task);
  iterate_all (NULL);
  g_assert_cmpint (freed, ==, 1);
  assert_ended_with (ending, G_IO_ERROR_CANCELLED);
}

static void
test_held (void)
{
  Ending ending = { 0 };
  QIOTask *task = ending_task (&ending, NULL);

  no_longer_than_a_minute ();
  g_assert_false (qio_task_is_cancelled (task));
  qio_task_cancel (task);
  qio_task_cancel (task);
  assert_held_task_is_cancelled (task, &ending);
}

static void
test_held_from_elsewhere (void)
{
  Ending ending = { 0 };
  QIOTask *task = ending_task (&ending, NULL);

  no_longer_than_a_minute ();
  do_elsewhere (cancel_task, task);
  assert_held_task_is_cancelled (task, &ending);
}

static void
test_held_by_cancellable (void)
{
  Ending ending = { 0 };
  GCancellable *cancellable = g_cancellable_new ();
  QIOTask *task = new_task (&ending, NULL, cancellable);

  no_longer_than_a_minute ();
  do_elsewhere (cancel_cancellable, cancellable);
  assert_held_task_is_cancelled (task, &ending);
  g_assert_cmpuint (G_OBJECT (cancellable)->ref_count, ==, 1);
  g_object_unref (cancellable);
}

static void
test_already_cancelled (void)
{
  Ending ending = { 0 };
  GCancellable *cancellable = g_cancellable_new ();

  no_longer_than_a_minute ();
  g_cancellable_cancel (cancellable);
  assert_held_task_is_cancelled (new_task (&ending, NULL, cancellable), &ending);
  g_object_unref (cancellable);
}

/* Completed here before the loop has had a chance. */
static void
test_completed_at_once (void)
{
  Ending ending = { 0 };
  gint freed = 0;
  QIOTask *task = ending_task (&ending, NULL);

  no_longer_than_a_minute ();
  qio_task_set_result_pointer (task, &freed, count_up);
  qio_task_cancel (task);
  qio_task_complete (task);
  g_assert_cmpint (freed, ==, 1);
  assert_ended_with (&ending, G_IO_ERROR_CANCELLED);
  iterate_all (NULL);
  g_assert_cmpint (ending.calls, ==, 1);
}

/* A success that waits for the loop gives way. */
static void
test_completed_before (void)
{
  Ending ending = { 0 };
  GCancellable *cancellable = g_cancellable_new ();
  gint freed = 0;
  QIOTask *task = new_task (&ending, NULL, cancellable);

  no_longer_than_a_minute ();
  qio_task_set_result_pointer (task, &freed, count_up);
  qio_task_complete_in_idle (task);
  g_cancellable_cancel (cancellable);
  iterate_until (NULL, &ending.freed, 1);
  g_assert_cmpint (freed, ==, 1);
  assert_ended_with (&ending, G_IO_ERROR_CANCELLED);
  g_object_unref (cancellable);
}

static void
func_that_cancels (QIOTask *task,
                   gpointer opaque)
{
  qio_task_cancel (task);
  ending_func (task, opaque);
  qio_task_cancel (task);
}

static void
test_from_function (void)
{
  Ending ending = { 0 };
  QIOTask *task = qio_task_new (NULL, func_that_cancels, &ending, ending_freed);

  no_longer_than_a_minute ();
  qio_task_complete (task);
  iterate_all (NULL);
  assert_ended_well (&ending);
}

int
main (int argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/cancel/held", test_held);
  g_test_add_func ("/cancel/held-from-elsewhere", test_held_from_elsewhere);
  g_test_add_func ("/cancel/held-by-cancellable", test_held_by_cancellable);
  g_test_add_func ("/cancel/already-cancelled", test_already_cancelled);
  g_test_add_func ("/cancel/completed-at-once", test_completed_at_once);
  g_test_add_func ("/cancel/completed-before", test_completed_before);
  g_test_add_func ("/cancel/from-function", test_from_function);

  return g_test_run ();
}
