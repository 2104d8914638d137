/* SPDX-License-Identifier: MIT OR Apache-2.0 */

/* QIO_TASK_DEBUG=slow: what holds the main loop for too long. */

#include "support.h"

#include <string.h>

/* The warnings so far, each on a line. */
static GString *warnings;

static void
take_warning (const gchar *domain G_GNUC_UNUSED,
              GLogLevelFlags level G_GNUC_UNUSED,
              const gchar *message,
              gpointer data G_GNUC_UNUSED)
{
  g_string_append_printf (warnings, "%s\n", message);
}

static void
slow_func (QIOTask *task G_GNUC_UNUSED,
           gpointer calls)
{
  g_usleep (20000);
  ++*(gint *) calls;
}

static void
slow_progress (QIOTask *task G_GNUC_UNUSED,
               double fraction G_GNUC_UNUSED,
               gpointer calls)
{
  g_usleep (20000);
  ++*(gint *) calls;
}

static void
quick_func (QIOTask *task G_GNUC_UNUSED,
            gpointer calls)
{
  ++*(gint *) calls;
}

static void
test_func (void)
{
  gint calls = 0;

  no_longer_than_a_minute ();
  g_string_truncate (warnings, 0);
  /* Where each was made is not known: its name is all there is to tell them by. */
  for (gint i = 0; i < 3; i++)
    qio_task_complete (qio_task_new_full (NULL, NULL, i < 2 ? "parse" : "lookup",
                                          G_PRIORITY_DEFAULT_IDLE, 0, slow_func, &calls, NULL));
  g_assert_cmpint (calls, ==, 3);
  g_assert_nonnull (strstr (warnings->str, "the callback of the task \"parse\", made in C"));
  g_assert_nonnull (strstr (warnings->str, "the callback of the task \"lookup\", made in C"));
  g_assert_null (strstr (strstr (warnings->str, "parse") + 1, "parse"));
}

static void
test_progress (void)
{
  gint calls = 0;
  QIOTask *task;

  no_longer_than_a_minute ();
  g_string_truncate (warnings, 0);
  task = qio_task_new_full (NULL, NULL, "copy", G_PRIORITY_DEFAULT_IDLE, 0, quick_func, &calls,
                            NULL);
  qio_task_set_progress_func (task, slow_progress, &calls, NULL);
  qio_task_report_progress (task, 0.5);
  iterate_until (NULL, &calls, 1);
  g_assert_nonnull (strstr (warnings->str, "the callback of the progress \"copy\", made in C"));
  qio_task_complete (task);
  g_assert_cmpint (calls, ==, 2);
}

int
main (int argc,
      char **argv)
{
  /* Before the first task. */
  g_setenv ("QIO_TASK_DEBUG", "slow=1", TRUE);
  warnings = g_string_new (NULL);
  g_test_init (&argc, &argv, NULL);
  g_log_set_always_fatal (G_LOG_LEVEL_ERROR);
  /* A log writer would not do: since 2.84 a test's messages do not come to it. */
  g_log_set_handler ("qio-task", G_LOG_LEVEL_WARNING, take_warning, NULL);
  g_test_add_func ("/debug/slow-func", test_func);
  g_test_add_func ("/debug/slow-progress", test_progress);
  return g_test_run ();
}
