/* SPDX-License-Identifier: MIT OR Apache-2.0 */

/* QIO_TASK_DEBUG=tasks: the list of the tasks that have not ended. */

#include "support.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

/* What is written to stderr from now on. */
static FILE *
divert_stderr (void)
{
  int ends[2];

  g_assert_no_errno (pipe (ends));
  g_assert_cmpint (dup2 (ends[1], STDERR_FILENO), ==, STDERR_FILENO);
  close (ends[1]);
  return fdopen (ends[0], "r");
}

static void
assert_next_line (FILE *lines,
                  const gchar *expected)
{
  gchar line[512];

  g_assert_nonnull (fgets (line, sizeof line, lines));
  if (strstr (line, expected) == NULL)
    g_error ("\"%s\" is not in: %s", expected, line);
}

static void
stuck_worker (QIOTask *task G_GNUC_UNUSED,
              gpointer gate)
{
  gate_wait (gate);
}

static void
unexpected_func (QIOTask *task G_GNUC_UNUSED,
                 gpointer opaque G_GNUC_UNUSED)
{
  g_assert_not_reached ();
}

static void
test_tasks (void)
{
  Ending endings[2] = { 0 };
  Gate gate = { 0 };
  QIOTask *held, *stuck;
  FILE *lines;

  no_longer_than_a_minute ();
  held = qio_task_new (NULL, ending_func, &endings[0], ending_freed);
  stuck = qio_task_new_full (NULL, NULL, "stuck", G_PRIORITY_DEFAULT_IDLE, 0, ending_func,
                             &endings[1], ending_freed);
  qio_task_run_in_thread (stuck, stuck_worker, &gate, NULL, NULL);

  lines = divert_stderr ();
  raise (SIGUSR1);
  assert_next_line (lines, "has 2 unfinished tasks");
  assert_next_line (lines, "unnamed: held");
  assert_next_line (lines, "\"stuck\": ");

  qio_task_complete (held);
  gate_open (&gate);
  iterate_until (NULL, &endings[1].freed, 1);
  assert_ended_well (&endings[0]);
  assert_ended_well (&endings[1]);
  raise (SIGUSR1);
  assert_next_line (lines, "has no unfinished task");

  /* One that is freed is not there any more, though it has not ended. */
  held = qio_task_new (NULL, unexpected_func, NULL, NULL);
  raise (SIGUSR1);
  assert_next_line (lines, "has 1 unfinished task");
  assert_next_line (lines, "unnamed: held");
  qio_task_free (held);
  raise (SIGUSR1);
  assert_next_line (lines, "has no unfinished task");
  fclose (lines);
}

int
main (int argc,
      char **argv)
{
  /* Before the first task. */
  g_setenv ("QIO_TASK_DEBUG", "tasks", TRUE);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/debug/tasks", test_tasks);
  return g_test_run ();
}
