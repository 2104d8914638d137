/* SPDX-License-Identifier: MIT OR Apache-2.0 */

/* A child that was forked after the first task: each function says so, and does nothing. */

#include "support.h"

#include <stdlib.h>
#include <sys/wait.h>

static void
count_call (QIOTask *task G_GNUC_UNUSED,
            gpointer calls)
{
  count_up (calls);
}

static void
unexpected_func (QIOTask *task G_GNUC_UNUSED,
                 gpointer opaque G_GNUC_UNUSED)
{
  g_assert_not_reached ();
}

static void
unexpected_end (QIOGroup *group G_GNUC_UNUSED,
                const GError *error G_GNUC_UNUSED,
                gpointer opaque G_GNUC_UNUSED)
{
  g_assert_not_reached ();
}

#define assert_refused(call, function)                  \
  G_STMT_START                                          \
    {                                                   \
      expect_critical (function, "was forked");         \
      call;                                             \
      g_test_assert_expected_messages ();               \
    }                                                   \
  G_STMT_END

/* What the child does with a task of its parent's, and with a group. */
static void
use_everything (QIOTask *task,
                QIOGroup *group)
{
  gpointer error = NULL;

  alarm (60);
  assert_refused (g_assert_null (qio_task_new (NULL, unexpected_func, NULL, unexpected_destroy)),
                  "qio_task_new");
  assert_refused (g_assert_null (qio_task_new_full (NULL, NULL, NULL, 0, 0, unexpected_func, NULL,
                                                    unexpected_destroy)),
                  "qio_task_new_full");
  assert_refused (qio_task_run_in_thread (task, unexpected_func, NULL, unexpected_destroy, NULL),
                  "qio_task_run_in_thread");
  assert_refused (qio_task_wait_thread (task), "qio_task_wait_thread");
  assert_refused (qio_task_complete (task), "qio_task_complete");
  assert_refused (qio_task_complete_in_idle (task), "qio_task_complete_in_idle");
  assert_refused (qio_task_abandon (task), "qio_task_abandon");
  assert_refused (qio_task_free (task), "qio_task_free");
  assert_refused (qio_task_set_error (task, NULL), "qio_task_set_error");
  assert_refused (g_assert_false (qio_task_propagate_error (task, &error)),
                  "qio_task_propagate_error");
  assert_refused (qio_task_set_result_pointer (task, NULL, unexpected_destroy),
                  "qio_task_set_result_pointer");
  assert_refused (g_assert_null (qio_task_get_result_pointer (task)),
                  "qio_task_get_result_pointer");
  assert_refused (g_assert_null (qio_task_get_source (task)), "qio_task_get_source");
  assert_refused (g_assert_null (qio_task_get_name (task)), "qio_task_get_name");
  assert_refused (g_assert_null (qio_task_get_async_result (task)), "qio_task_get_async_result");
  assert_refused (qio_task_cancel (task), "qio_task_cancel");
  assert_refused (g_assert_false (qio_task_is_cancelled (task)), "qio_task_is_cancelled");
  assert_refused (g_assert_null (qio_task_get_cancellable (task)), "qio_task_get_cancellable");
  assert_refused (qio_task_set_progress_func (task, unexpected_progress, NULL, unexpected_destroy),
                  "qio_task_set_progress_func");
  assert_refused (qio_task_report_progress (task, 1), "qio_task_report_progress");
  assert_refused (qio_task_set_message_func (task, 1, unexpected_message, NULL, unexpected_destroy),
                  "qio_task_set_message_func");
  assert_refused (g_assert_false (qio_task_send_message (task, NULL, unexpected_destroy)),
                  "qio_task_send_message");
  assert_refused (qio_task_set_max_threads (1), "qio_task_set_max_threads");
  assert_refused (g_assert_cmpuint (qio_task_get_max_threads (), ==, 0),
                  "qio_task_get_max_threads");
  assert_refused (g_assert_null (qio_group_new ()), "qio_group_new");
  assert_refused (g_assert_null (qio_group_get_computing ()), "qio_group_get_computing");
  assert_refused (qio_task_set_group (task, group), "qio_task_set_group");
  assert_refused (g_assert_null (qio_group_ref (group)), "qio_group_ref");
  assert_refused (qio_group_unref (group), "qio_group_unref");
  assert_refused (qio_group_close (group), "qio_group_close");
  assert_refused (qio_group_set_ended_func (group, unexpected_end, NULL, unexpected_destroy),
                  "qio_group_set_ended_func");
  assert_refused (qio_task_set_stack_size (1 << 20), "qio_task_set_stack_size");
  assert_refused (g_assert_cmpuint (qio_task_get_stack_size (), ==, 0), "qio_task_get_stack_size");
}

static void
assert_passes (pid_t child)
{
  int status;

  g_assert_no_errno (child);
  g_assert_no_errno (waitpid (child, &status, 0));
  g_assert_true (WIFEXITED (status));
  g_assert_cmpint (WEXITSTATUS (status), ==, 0);
}

/* Of a task that was made, and is nothing else, no context and no thread knows. */
static void
test_plain (void)
{
  gint calls = 0;
  QIOTask *task = qio_task_new (NULL, count_call, &calls, NULL);
  g_autoptr (QIOGroup) group = qio_group_new ();
  pid_t child;

  no_longer_than_a_minute ();
  child = fork ();
  if (child == 0)
    {
      use_everything (task, group);
      _exit (0);
    }
  assert_passes (child);
  qio_task_complete (task);
  g_assert_cmpint (calls, ==, 1);
}

/* While other threads have the library's locks by turns. */
typedef struct
{
  gint is_over;
} Churn;

static gpointer
churn (gpointer opaque)
{
  GMainContext *context = g_main_context_new ();
  Churn *data = opaque;

  g_main_context_push_thread_default (context);
  while (!g_atomic_int_get (&data->is_over))
    {
      gint calls = 0;

      for (gint i = 0; i < 20; i++)
        qio_task_run_in_thread (qio_task_new (NULL, count_call, &calls, NULL), no_work, NULL, NULL,
                                context);
      iterate_until (context, &calls, 20);
    }
  g_main_context_pop_thread_default (context);
  g_main_context_unref (context);
  return NULL;
}

static void
test_amid_workers (void)
{
  Churn data = { 0 };
  GThread *threads[] = { g_thread_new ("churn", churn, &data), g_thread_new ("churn", churn, &data) };
  gint rounds = g_getenv ("QIO_TASK_TESTS_FEW") != NULL ? 2 : 20;
  g_autoptr (QIOGroup) group = qio_group_new ();
  gint calls = 0;

  no_longer_than_a_minute ();
  for (gint i = 0; i < rounds; i++)
    {
      QIOTask *task = qio_task_new_full (NULL, NULL, "forked", G_PRIORITY_DEFAULT, 60 * 1000,
                                         count_call, &calls, NULL);
      pid_t child = fork ();

      if (child == 0)
        {
          use_everything (task, group);
          _exit (0);
        }
      assert_passes (child);
      qio_task_complete (task);
    }
  g_assert_cmpint (calls, ==, rounds);
  g_atomic_int_set (&data.is_over, TRUE);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
}

/* It ends as any program does. */
static void
test_exit (void)
{
  gint calls = 0;
  QIOTask *task = qio_task_new_full (NULL, NULL, NULL, G_PRIORITY_DEFAULT, 60 * 1000, count_call,
                                     &calls, NULL);
  pid_t child;

  no_longer_than_a_minute ();
  child = fork ();
  if (child == 0)
    exit (0);
  assert_passes (child);
  qio_task_complete (task);
  g_assert_cmpint (calls, ==, 1);
}

int
main (int argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/fork/plain", test_plain);
  g_test_add_func ("/fork/amid-workers", test_amid_workers);
  g_test_add_func ("/fork/exit", test_exit);

  return g_test_run ();
}
