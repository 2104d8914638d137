/* SPDX-License-Identifier: MIT OR Apache-2.0 */

/* What QIO_TASK_DEBUG lists as main returns. */

#include "support.h"

#include <string.h>
#include <sys/wait.h>

static void
never (QIOTask *task G_GNUC_UNUSED,
       gpointer data G_GNUC_UNUSED)
{
  g_assert_not_reached ();
}

/* A program that leaves a task behind, and iterates no loop. */
static int
leave_one (void)
{
  g_setenv ("QIO_TASK_DEBUG", "tasks", TRUE);
  qio_task_new (NULL, never, NULL, NULL);
  return 0;
}

static void
test_left (void)
{
  gchar list[1024] = { 0 };
  int ends[2], status;
  pid_t child;

  no_longer_than_a_minute ();
  g_assert_no_errno (pipe (ends));
  child = fork ();
  g_assert_no_errno (child);
  if (child == 0)
    {
      dup2 (ends[1], STDERR_FILENO);
      exit (leave_one ());
    }
  close (ends[1]);
  g_assert_no_errno (waitpid (child, &status, 0));
  g_assert_true (WIFEXITED (status) && WEXITSTATUS (status) == 0);
  g_assert_no_errno (read (ends[0], list, sizeof list - 1));
  g_assert_nonnull (strstr (list, "has 1 unfinished task"));
  close (ends[0]);
}

int
main (int argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/debug/left", test_left);
  return g_test_run ();
}
