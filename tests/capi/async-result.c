/* SPDX-License-Identifier: MIT OR Apache-2.0 */

/* The task as GIO sees it, where the library was built with the backend gtask.
 * The program finds out by asking; with the other backend there is no more to
 * test. */

#include "support.h"

static QIOTask *
new_task (Ending *ending,
          GObject *source)
{
  return qio_task_new_full (source, NULL, "seen", G_PRIORITY_LOW, 0, ending_func, ending,
                            ending_freed);
}

static GTask *
get_gtask (QIOTask *task)
{
  GAsyncResult *result = qio_task_get_async_result (task);

  g_assert_true (qio_task_get_async_result (task) == result);
  return (GTask *) result;
}

static void
test_details (void)
{
  Ending ending = { 0 };
  GObject *source = g_object_new (G_TYPE_OBJECT, NULL);
  QIOTask *task = new_task (&ending, source);
  GTask *gtask = get_gtask (task);

  no_longer_than_a_minute ();
  g_assert_true (G_IS_TASK (gtask));
  g_assert_true (g_task_get_source_object (gtask) == source);
  g_assert_cmpint (g_task_get_priority (gtask), ==, G_PRIORITY_LOW);
  g_assert_false (g_task_get_completed (gtask));
#if GLIB_CHECK_VERSION (2, 60, 0)
  g_assert_cmpstr (g_task_get_name (gtask), ==, "seen");
#endif
  qio_task_complete (task);
  iterate_all (NULL);
  assert_ended_well (&ending);
  g_assert_cmpuint (source->ref_count, ==, 1);
  g_object_unref (source);
}

/* Lets @end end a task, and returns its GTask. */
static GTask *
end_by (void (*end) (QIOTask *task))
{
  Ending ending = { 0 };
  QIOTask *task = new_task (&ending, NULL);
  GTask *gtask = g_object_ref (get_gtask (task));

  no_longer_than_a_minute ();
  end (task);
  iterate_until (NULL, &ending.freed, 1);
  iterate_all (NULL);
  g_assert_true (g_task_get_completed (gtask));
  g_assert_true (g_task_had_error (gtask) == (ending.error != NULL));
  g_clear_error (&ending.error);
  return gtask;
}

static void
fail (QIOTask *task)
{
  qio_task_set_error (task, g_error_new (G_IO_ERROR, G_IO_ERROR_BUSY, "Its own"));
  qio_task_complete (task);
}

static void
run (QIOTask *task)
{
  qio_task_run_in_thread (task, no_work, NULL, NULL, NULL);
}

static void
cancel (QIOTask *task)
{
  qio_task_cancel (task);
  qio_task_complete_in_idle (task);
}

static void
test_success (gconstpointer end)
{
  GTask *gtask = end_by ((void (*) (QIOTask *)) end);
  GError *error = NULL;

  g_assert_true (g_task_propagate_boolean (gtask, &error));
  g_assert_no_error (error);
  g_object_unref (gtask);
}

static void
assert_failed (GTask *gtask,
               GIOErrorEnum code)
{
  GError *error = NULL;

  g_assert_false (g_task_propagate_boolean (gtask, &error));
  g_assert_error (error, G_IO_ERROR, (gint) code);
  g_error_free (error);
  g_object_unref (gtask);
}

static void
test_failure (void)
{
  assert_failed (end_by (fail), G_IO_ERROR_BUSY);
}

static void
test_cancelled (void)
{
  assert_failed (end_by (cancel), G_IO_ERROR_CANCELLED);
}

static void
test_abandoned (void)
{
  assert_failed (end_by (qio_task_abandon), G_IO_ERROR_CLOSED);
}

static void
see_itself (QIOTask *task,
            gpointer seen)
{
  *(GTask **) seen = g_object_ref (get_gtask (task));
}

/* Its function sees the one that was seen before. */
static void
test_in_function (void)
{
  GTask *seen = NULL;
  QIOTask *task = qio_task_new (NULL, see_itself, &seen, NULL);
  GTask *gtask = g_object_ref (get_gtask (task));

  no_longer_than_a_minute ();
  qio_task_complete (task);
  g_assert_true (seen == gtask);
  g_assert_null (g_task_get_source_object (gtask));
  iterate_all (NULL);
  g_object_unref (seen);
  g_object_unref (gtask);
}

static void
ask (QIOTask *task,
     gpointer asked)
{
  get_gtask (task);
  count_up (asked);
}

/* That there is none is no mistake of the program's, with either backend. */
static void
test_first_asked_in_function (void)
{
  gint asked = 0;

  no_longer_than_a_minute ();
  qio_task_complete (qio_task_new (NULL, ask, &asked, NULL));
  qio_task_complete_in_idle (qio_task_new (NULL, ask, &asked, NULL));
  iterate_until (NULL, &asked, 2);
  iterate_all (NULL);
}

static gpointer
ask_elsewhere (gpointer task)
{
  GMainContext *context = g_main_context_new ();
  gpointer result;

  g_main_context_push_thread_default (context);
  result = qio_task_get_async_result (task);
  g_main_context_pop_thread_default (context);
  g_main_context_unref (context);
  return result;
}

static void
test_elsewhere (void)
{
  Ending ending = { 0 };
  QIOTask *task = ending_task (&ending, NULL);

  no_longer_than_a_minute ();
  g_assert_null (g_thread_join (g_thread_new ("asks", ask_elsewhere, task)));
  qio_task_complete (task);
  iterate_all (NULL);
  assert_ended_well (&ending);
}

static gpointer
make_and_ask (gpointer ending)
{
  QIOTask *task = ending_task (ending, NULL);
  gpointer result = qio_task_get_async_result (task);

  qio_task_complete_in_idle (task);
  return result;
}

/* The global main context is the default of a thread that will never iterate
 * it, and that may have ended before the task does. */
static void
test_passing_thread (void)
{
  Ending ending = { 0 };

  no_longer_than_a_minute ();
  g_assert_null (g_thread_join (g_thread_new ("asks", make_and_ask, &ending)));
  iterate_until (NULL, &ending.freed, 1);
  assert_ended_well (&ending);
}

int
main (int argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/async-result/elsewhere", test_elsewhere);
  g_test_add_func ("/async-result/passing-thread", test_passing_thread);
  g_test_add_func ("/async-result/first-asked-in-function", test_first_asked_in_function);
  if (has_gtasks ())
    {
      g_test_add_func ("/async-result/details", test_details);
      g_test_add_data_func ("/async-result/complete", qio_task_complete, test_success);
      g_test_add_data_func ("/async-result/idle", qio_task_complete_in_idle, test_success);
      g_test_add_data_func ("/async-result/thread", run, test_success);
      g_test_add_func ("/async-result/failure", test_failure);
      g_test_add_func ("/async-result/cancelled", test_cancelled);
      g_test_add_func ("/async-result/abandoned", test_abandoned);
      g_test_add_func ("/async-result/in-function", test_in_function);
    }

  return g_test_run ();
}
