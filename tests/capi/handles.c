/* SPDX-License-Identifier: MIT OR Apache-2.0 */

/* A handle that is no task's, or no longer: every function says so in one
 * critical warning, and does nothing else. */

#include "support.h"

static void
unexpected_work (QIOTask *task G_GNUC_UNUSED,
                 gpointer opaque G_GNUC_UNUSED)
{
  g_assert_not_reached ();
}

static void
run_in_thread (QIOTask *task)
{
  qio_task_run_in_thread (task, unexpected_work, NULL, unexpected_destroy, NULL);
}

static void
set_error (QIOTask *task)
{
  GError *error = g_error_new (G_IO_ERROR, G_IO_ERROR_FAILED, "Still the caller's");

  qio_task_set_error (task, error);
  g_assert_cmpstr (error->message, ==, "Still the caller's");
  g_error_free (error);
}

static void
propagate_error (QIOTask *task)
{
  gpointer error = NULL;

  g_assert_false (qio_task_propagate_error (task, &error));
  g_assert_null (error);
}

static void
set_result_pointer (QIOTask *task)
{
  qio_task_set_result_pointer (task, &task, unexpected_destroy);
}

static void
get_result_pointer (QIOTask *task)
{
  g_assert_null (qio_task_get_result_pointer (task));
}

static void
get_source (QIOTask *task)
{
  g_assert_null (qio_task_get_source (task));
}

static void
get_name (QIOTask *task)
{
  g_assert_null (qio_task_get_name (task));
}

static void
get_async_result (QIOTask *task)
{
  g_assert_null (qio_task_get_async_result (task));
}

static void
is_cancelled (QIOTask *task)
{
  g_assert_false (qio_task_is_cancelled (task));
}

static void
get_cancellable (QIOTask *task)
{
  g_assert_null (qio_task_get_cancellable (task));
}

static void
set_dedicated_thread (QIOTask *task)
{
  qio_task_set_dedicated_thread (task, TRUE);
}

static void
set_worker_stack_size (QIOTask *task)
{
  qio_task_set_worker_stack_size (task, 1 << 20);
}

static void
set_inactivity_timeout (QIOTask *task)
{
  qio_task_set_inactivity_timeout (task, 1);
}

static void
set_return_on_cancel (QIOTask *task)
{
  qio_task_set_return_on_cancel (task, FALSE);
}

static void
set_group (QIOTask *task)
{
  QIOGroup *group = qio_group_new ();

  qio_task_set_group (task, group);
  g_assert_true (qio_group_is_empty (group));
  qio_group_unref (group);
}

static void
set_progress_func (QIOTask *task)
{
  qio_task_set_progress_func (task, unexpected_progress, NULL, unexpected_destroy);
}

static void
set_progress_interval (QIOTask *task)
{
  qio_task_set_progress_interval (task, 1);
}

static void
set_message_func (QIOTask *task)
{
  qio_task_set_message_func (task, 1, unexpected_message, NULL, unexpected_destroy);
}

static void
send_message (QIOTask *task)
{
  g_assert_false (qio_task_send_message (task, NULL, unexpected_destroy));
}

static void
try_send_message (QIOTask *task)
{
  g_assert_false (qio_task_try_send_message (task, NULL, unexpected_destroy));
}

static void
report_progress (QIOTask *task)
{
  qio_task_report_progress (task, 0.5);
}

/* Every function that takes a task, but qio_task_free(), which may be called for
 * any that has ended. */
static const struct
{
  const gchar *name;
  void (*call) (QIOTask *task);
} functions[] = {
  { "qio_task_run_in_thread", run_in_thread },
  { "qio_task_complete", qio_task_complete },
  { "qio_task_complete_in_idle", qio_task_complete_in_idle },
  { "qio_task_abandon", qio_task_abandon },
  { "qio_task_wait_thread", qio_task_wait_thread },
  { "qio_task_set_error", set_error },
  { "qio_task_propagate_error", propagate_error },
  { "qio_task_set_result_pointer", set_result_pointer },
  { "qio_task_get_result_pointer", get_result_pointer },
  { "qio_task_get_source", get_source },
  { "qio_task_get_name", get_name },
  { "qio_task_get_async_result", get_async_result },
  { "qio_task_cancel", qio_task_cancel },
  { "qio_task_is_cancelled", is_cancelled },
  { "qio_task_get_cancellable", get_cancellable },
  { "qio_task_set_progress_func", set_progress_func },
  { "qio_task_set_progress_interval", set_progress_interval },
  { "qio_task_set_dedicated_thread", set_dedicated_thread },
  { "qio_task_set_worker_stack_size", set_worker_stack_size },
  { "qio_task_set_return_on_cancel", set_return_on_cancel },
  { "qio_task_set_inactivity_timeout", set_inactivity_timeout },
  { "qio_task_set_group", set_group },
  { "qio_task_touch", qio_task_touch },
  { "qio_task_report_progress", report_progress },
  { "qio_task_set_message_func", set_message_func },
  { "qio_task_send_message", send_message },
  { "qio_task_try_send_message", try_send_message },
};

static void
set_outcome (QIOTask *task)
{
  qio_task_set_result_pointer (task, g_strdup ("Some result"), g_free);
  qio_task_set_error (task, g_error_new (G_IO_ERROR, G_IO_ERROR_FAILED, "Some error"));
}

static void
assert_refused (QIOTask *task)
{
  qio_task_free (task);
  for (gsize i = 0; i < G_N_ELEMENTS (functions); i++)
    {
      expect_critical (functions[i].name, "task");
      functions[i].call (task);
      g_test_assert_expected_messages ();
    }
}

static void
test_null (void)
{
  no_longer_than_a_minute ();
  assert_refused (NULL);
}

static void
test_finished (void)
{
  Ending ending = { 0 };
  QIOTask *task = ending_task (&ending, NULL);

  no_longer_than_a_minute ();
  qio_task_complete (task);
  assert_refused (task);

  ending = (Ending) { 0 };
  task = ending_task (&ending, NULL);
  qio_task_run_in_thread (task, no_work, NULL, NULL, NULL);
  iterate_until (NULL, &ending.freed, 1);
  assert_refused (task);
  assert_ended_well (&ending);
}

/* One that is freed is known as such like one that has ended. */
static void
test_freed (void)
{
  gint freed = 0;
  QIOTask *task = qio_task_new (NULL, unexpected_work, &freed, count_up);

  no_longer_than_a_minute ();
  qio_task_free (task);
  assert_refused (task);
  task = qio_task_new (NULL, unexpected_work, &freed, count_up);
  set_outcome (task);
  qio_task_free (task);
  assert_refused (task);
  g_assert_cmpint (freed, ==, 2);
}

/* The new task may lie where the old one was; they are not taken for each
 * other. */
static void
test_reused (void)
{
  Ending endings[2] = { 0 };
  QIOTask *old = ending_task (&endings[0], NULL);
  QIOTask *new;

  no_longer_than_a_minute ();
  qio_task_complete (old);
  new = ending_task (&endings[1], NULL);
  g_assert_true (old != new);
  assert_refused (old);
  g_assert_cmpint (endings[1].calls, ==, 0);
  g_assert_cmpint (endings[1].freed, ==, 0);
  g_assert_null (qio_task_get_result_pointer (new));
  g_assert_false (qio_task_is_cancelled (new));
  qio_task_complete (new);
  assert_ended_well (&endings[1]);
  assert_refused (new);
}

static void
new_within (QIOGroup *group)
{
  g_assert_null (qio_group_new_within (group));
}

static void
ref_group (QIOGroup *group)
{
  g_assert_null (qio_group_ref (group));
}

static void
set_max_threads (QIOGroup *group)
{
  qio_group_set_max_threads (group, 1);
}

static void
get_max_threads (QIOGroup *group)
{
  g_assert_cmpuint (qio_group_get_max_threads (group), ==, 0);
}

static void
set_cancel_on_error (QIOGroup *group)
{
  qio_group_set_cancel_on_error (group, TRUE);
}

static void
close_on_dispose (QIOGroup *group)
{
  GObject *object = g_object_new (G_TYPE_OBJECT, NULL);

  qio_group_close_on_dispose (group, object);
  g_object_unref (object);
}

static void
is_empty (QIOGroup *group)
{
  g_assert_false (qio_group_is_empty (group));
}

static void
get_n_tasks (QIOGroup *group)
{
  g_assert_cmpuint (qio_group_get_n_tasks (group), ==, 0);
}

static void
is_closed (QIOGroup *group)
{
  g_assert_false (qio_group_is_closed (group));
}

static void
set_name (QIOGroup *group)
{
  qio_group_set_name (group, "freed");
}

static void
get_group_name (QIOGroup *group)
{
  g_assert_null (qio_group_get_name (group));
}

static void
wait_for_group (QIOGroup *group)
{
  GError *error = NULL;

  g_assert_false (qio_group_wait (group, &error));
  g_assert_null (error);
}

static void
unexpected_end (QIOGroup *group G_GNUC_UNUSED,
                const GError *error G_GNUC_UNUSED,
                gpointer opaque G_GNUC_UNUSED)
{
  g_assert_not_reached ();
}

static void
set_ended_func (QIOGroup *group)
{
  qio_group_set_ended_func (group, unexpected_end, NULL, unexpected_destroy);
}

static void
put_in_group (QIOGroup *group)
{
  Ending ending = { 0 };
  QIOTask *task = ending_task (&ending, NULL);

  qio_task_set_group (task, group);
  qio_task_complete (task);
  assert_ended_well (&ending);
}

/* Every function that takes a group. */
static const struct
{
  const gchar *name;
  void (*call) (QIOGroup *group);
} group_functions[] = {
  { "qio_group_new_within", new_within },
  { "qio_group_ref", ref_group },
  { "qio_group_unref", qio_group_unref },
  { "qio_group_set_max_threads", set_max_threads },
  { "qio_group_get_max_threads", get_max_threads },
  { "qio_group_set_cancel_on_error", set_cancel_on_error },
  { "qio_group_cancel", qio_group_cancel },
  { "qio_group_finish", qio_group_finish },
  { "qio_group_close", qio_group_close },
  { "qio_group_close_on_dispose", close_on_dispose },
  { "qio_group_is_empty", is_empty },
  { "qio_group_get_n_tasks", get_n_tasks },
  { "qio_group_is_closed", is_closed },
  { "qio_group_set_name", set_name },
  { "qio_group_get_name", get_group_name },
  { "qio_group_wait", wait_for_group },
  { "qio_group_set_ended_func", set_ended_func },
  { "qio_task_set_group", put_in_group },
};

static void
assert_group_refused (QIOGroup *group)
{
  for (gsize i = 0; i < G_N_ELEMENTS (group_functions); i++)
    {
      expect_critical (group_functions[i].name, "group");
      group_functions[i].call (group);
      g_test_assert_expected_messages ();
    }
}

static void
test_group (void)
{
  QIOGroup *old = qio_group_new ();
  QIOGroup *new;

  no_longer_than_a_minute ();
  assert_group_refused (NULL);
  qio_group_unref (old);
  assert_group_refused (old);
  /* The new one may lie where the old one was. */
  new = qio_group_new ();
  g_assert_true (old != new);
  assert_group_refused (old);
  g_assert_true (qio_group_ref (new) == new);
  qio_group_unref (new);
  qio_group_unref (new);
  assert_group_refused (new);
}

/* Many handles, so that the library can't but use its slots again. */
static void
test_reused_often (void)
{
  enum { ROUNDS = 1000 };
  Ending ending = { 0 };
  QIOTask *task = ending_task (&ending, NULL);
  GHashTable *handles = g_hash_table_new (NULL, NULL);

  no_longer_than_a_minute ();
  for (gint i = 0; i < ROUNDS; i++)
    {
      qio_task_complete (task);
      assert_ended_well (&ending);
      g_assert_true (g_hash_table_add (handles, task));
      ending = (Ending) { 0 };
      task = ending_task (&ending, NULL);
    }
  g_hash_table_remove (handles, task);
  g_assert_cmpuint (g_hash_table_size (handles), ==, ROUNDS);
  for (guint i = 0; i < 10; i++)
    {
      GHashTableIter iter;
      gpointer old;

      g_hash_table_iter_init (&iter, handles);
      g_assert_true (g_hash_table_iter_next (&iter, &old, NULL));
      g_hash_table_iter_remove (&iter);
      expect_critical ("qio_task_set_result_pointer", "task");
      set_result_pointer (old);
      g_test_assert_expected_messages ();
    }
  qio_task_complete (task);
  assert_ended_well (&ending);
  g_hash_table_unref (handles);
}

static void
test_garbage (void)
{
  gint on_stack[16] = { 0 };
  gpointer on_heap = g_malloc0 (256);
  gpointer garbage[] = {
    GUINT_TO_POINTER (1),
    GUINT_TO_POINTER (2),
    GUINT_TO_POINTER (12345),
    GSIZE_TO_POINTER (G_MAXSIZE),
    on_stack,
    on_heap,
    (gpointer) &functions,
  };

  no_longer_than_a_minute ();
  for (gsize i = 0; i < G_N_ELEMENTS (garbage); i++)
    {
      assert_refused (garbage[i]);
      assert_group_refused (garbage[i]);
    }
  g_free (on_heap);
}

int
main (int argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/handles/null", test_null);
  g_test_add_func ("/handles/finished", test_finished);
  g_test_add_func ("/handles/freed", test_freed);
  g_test_add_func ("/handles/reused", test_reused);
  g_test_add_func ("/handles/group", test_group);
  g_test_add_func ("/handles/reused-often", test_reused_often);
  g_test_add_func ("/handles/garbage", test_garbage);

  return g_test_run ();
}
