/* SPDX-License-Identifier: MIT OR Apache-2.0 */

/* What QIO_TASK_DEBUG lists while the function of a task is called that its
 * completer hands on too late. */

#include "support.h"

#include <signal.h>
#include <string.h>

/* Where stderr goes. */
static int list_fd;

static void
assert_listed (const gchar *expected)
{
  gchar list[1024] = { 0 };

  raise (SIGUSR1);
  /* It is written at once. */
  g_assert_cmpint (read (list_fd, list, sizeof list - 1), >, 0);
  if (strstr (list, expected) == NULL)
    g_error ("\"%s\" is not in: %s", expected, list);
}

static void
never (QIOTask *task G_GNUC_UNUSED,
       gpointer data G_GNUC_UNUSED)
{
  g_assert_not_reached ();
}

static void
hand_on_func (QIOTask *task,
              gpointer calls)
{
  assert_listed ("callback running");
  qio_task_run_in_thread (task, never, NULL, NULL, NULL);
  assert_listed ("callback running");
  ++*(gint *) calls;
}

static void
test_handed_on (void)
{
  QIOTask *task;
  gint calls = 0;
  int ends[2];

  no_longer_than_a_minute ();
  task = qio_task_new (NULL, hand_on_func, &calls, NULL);
  g_assert_no_errno (pipe (ends));
  g_assert_cmpint (dup2 (ends[1], STDERR_FILENO), ==, STDERR_FILENO);
  list_fd = ends[0];
  qio_task_cancel (task);
  iterate_until (NULL, &calls, 1);
  assert_listed ("no unfinished task");
}

int
main (int argc,
      char **argv)
{
  /* Before the first task. */
  g_setenv ("QIO_TASK_DEBUG", "tasks", TRUE);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/debug/handed-on", test_handed_on);
  return g_test_run ();
}
