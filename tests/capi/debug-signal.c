/* SPDX-License-Identifier: MIT OR Apache-2.0 */

/* At which signal QIO_TASK_DEBUG lists the tasks, in programs that have a use of
 * their own for signals. Each case is a process, as the variable is read once. */

#include "support.h"

#include <glib-unix.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

/* Whether this is a case's process, which then has @debug in its environment. */
static gboolean
is_child (const gchar *debug)
{
  no_longer_than_a_minute ();
  if (g_test_subprocess ())
    {
      g_setenv ("QIO_TASK_DEBUG", debug, TRUE);
      return TRUE;
    }
  g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_INHERIT_STDERR);
  g_test_trap_assert_passed ();
  return FALSE;
}

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

/* Sends the process @signal, and waits for the list of one task. */
static void
assert_list_at (int signal)
{
  FILE *lines = divert_stderr ();
  gchar line[512];

  g_assert_no_errno (kill (getpid (), signal));
  g_assert_nonnull (fgets (line, sizeof line, lines));
  g_assert_nonnull (strstr (line, "has 1 unfinished task"));
  fclose (lines);
}

static void
never (QIOTask *task G_GNUC_UNUSED,
       gpointer data G_GNUC_UNUSED)
{
  g_assert_not_reached ();
}

static QIOTask *
new_task (void)
{
  return qio_task_new (NULL, never, NULL, NULL);
}

static void
block (int signal)
{
  sigset_t set;

  sigemptyset (&set);
  sigaddset (&set, signal);
  g_assert_cmpint (pthread_sigmask (SIG_BLOCK, &set, NULL), ==, 0);
}

/* As QEMU does before it starts any thread. */
static void
test_blocked (void)
{
  QIOTask *task;

  if (!is_child ("tasks"))
    return;
  block (SIGUSR1);
  task = new_task ();
  assert_list_at (SIGUSR1);
  assert_list_at (SIGUSR1);
  qio_task_free (task);
}

static volatile sig_atomic_t handled;

static void
handle (int signal G_GNUC_UNUSED)
{
  handled++;
}

/* A program that handles SIGUSR1 is told so, once, and goes on to. */
static void
expect_warning (void)
{
  g_test_expect_message ("qio-task", G_LOG_LEVEL_WARNING, "*handles SIGUSR1*tasks=USR2*");
}

static void
set_handler (int signal,
             void (*handler) (int))
{
  struct sigaction action = { .sa_handler = handler };

  sigemptyset (&action.sa_mask);
  g_assert_no_errno (sigaction (signal, &action, NULL));
}

static void
assert_handler (int signal,
                void (*handler) (int))
{
  struct sigaction action;

  g_assert_no_errno (sigaction (signal, NULL, &action));
  g_assert_true (action.sa_handler == handler);
}

static void
test_sigaction (void)
{
  QIOTask *tasks[2];

  if (!is_child ("tasks"))
    return;
  set_handler (SIGUSR1, handle);
  expect_warning ();
  tasks[0] = new_task ();
  g_test_assert_expected_messages ();
  tasks[1] = new_task ();
  assert_handler (SIGUSR1, handle);
  assert_handler (SIGUSR2, SIG_DFL);
  g_assert_no_errno (raise (SIGUSR1));
  g_assert_cmpint (handled, ==, 1);
  qio_task_free (tasks[0]);
  qio_task_free (tasks[1]);
}

static void
test_other (gconstpointer debug)
{
  QIOTask *task;

  if (!is_child (debug))
    return;
  set_handler (SIGUSR1, handle);
  task = new_task ();
  assert_handler (SIGUSR1, handle);
  assert_list_at (strstr (debug, "RTMIN") == NULL ? SIGUSR2 : SIGRTMIN + 3);
  g_assert_cmpint (handled, ==, 0);
  g_assert_no_errno (raise (SIGUSR1));
  g_assert_cmpint (handled, ==, 1);
  qio_task_free (task);
}

static gboolean
count_signal (gpointer count)
{
  count_up (count);
  return G_SOURCE_CONTINUE;
}

static void
test_glib (gconstpointer debug)
{
  gboolean is_other = strstr (debug, "USR2") != NULL;
  gint count = 0;
  QIOTask *task;

  if (!is_child (debug))
    return;
  g_unix_signal_add (SIGUSR1, count_signal, &count);
  if (!is_other)
    expect_warning ();
  task = new_task ();
  g_test_assert_expected_messages ();
  g_assert_no_errno (kill (getpid (), SIGUSR1));
  iterate_until (NULL, &count, 1);
  if (is_other)
    assert_list_at (SIGUSR2);
  qio_task_free (task);
}

/* One that is set later takes the place of the library's. */
static void
test_later (void)
{
  QIOTask *task;

  if (!is_child ("tasks"))
    return;
  task = new_task ();
  assert_list_at (SIGUSR1);
  set_handler (SIGUSR1, handle);
  qio_task_free (task);
  task = new_task ();
  assert_handler (SIGUSR1, handle);
  g_assert_no_errno (raise (SIGUSR1));
  g_assert_cmpint (handled, ==, 1);
  qio_task_free (task);
}

static void
test_unknown (void)
{
  if (!is_child ("tasks=NONE"))
    return;
  g_test_expect_message ("qio-task", G_LOG_LEVEL_WARNING, "*tasks=NONE*help*");
  qio_task_free (new_task ());
  g_test_assert_expected_messages ();
  assert_handler (SIGUSR1, SIG_DFL);
}

int
main (int argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/debug-signal/blocked", test_blocked);
  g_test_add_func ("/debug-signal/sigaction", test_sigaction);
  g_test_add_data_func ("/debug-signal/other", "tasks=USR2", test_other);
  g_test_add_data_func ("/debug-signal/real-time", "tasks=RTMIN+3", test_other);
  g_test_add_data_func ("/debug-signal/glib", "tasks", test_glib);
  g_test_add_data_func ("/debug-signal/glib-and-other", "all,tasks=USR2", test_glib);
  g_test_add_func ("/debug-signal/later", test_later);
  g_test_add_func ("/debug-signal/unknown", test_unknown);

  return g_test_run ();
}
