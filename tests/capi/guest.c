/* SPDX-License-Identifier: MIT OR Apache-2.0 */

/* The library's threads: which worker has one first, and what they leave to others.
 * Each case that sets something is a process. */

#include "support.h"

#include <fenv.h>
#include <locale.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>

static gint is_busy;

static void
wait_at_gate (QIOTask *task G_GNUC_UNUSED,
              gpointer gate)
{
  g_atomic_int_set (&is_busy, TRUE);
  gate_wait (gate);
}

/* Lets there be one thread, and keeps it until @gate is opened. */
static void
keep_busy (Ending *busy,
           Gate *gate)
{
  qio_task_set_max_threads (1);
  qio_task_run_in_thread (ending_task (busy, NULL), wait_at_gate, gate, NULL, NULL);
  /* What is more urgent would have it first, until it is there. */
  while (!g_atomic_int_get (&is_busy))
    g_thread_yield ();
}

/* The numbers of the workers that have started, one after the other. */
static GArray *started;

static void
append_number (QIOTask *task G_GNUC_UNUSED,
               gpointer number)
{
  g_array_append_val (started, *(gint *) number);
}

/* Of those that wait for a thread, the most urgent one has it first. */
static void
test_priority (void)
{
  const gint priorities[] = { G_PRIORITY_DEFAULT_IDLE, G_PRIORITY_LOW, G_PRIORITY_HIGH,
                              G_PRIORITY_DEFAULT_IDLE, G_PRIORITY_DEFAULT };
  const gint order[] = { 2, 4, 0, 3, 1 };
  Gate gate = { 0 };
  Ending busy = { 0 };
  Ending endings[G_N_ELEMENTS (priorities)] = { 0 };
  gint numbers[G_N_ELEMENTS (priorities)];

  if (passes_in_child ())
    return;
  started = g_array_new (FALSE, FALSE, sizeof (gint));
  keep_busy (&busy, &gate);
  for (gsize i = 0; i < G_N_ELEMENTS (priorities); i++)
    {
      QIOTask *task = qio_task_new_full (NULL, NULL, NULL, priorities[i], 0, ending_func,
                                         &endings[i], ending_freed);

      numbers[i] = i;
      qio_task_run_in_thread (task, append_number, &numbers[i], NULL, NULL);
    }
  gate_open (&gate);
  for (gsize i = 0; i < G_N_ELEMENTS (priorities); i++)
    {
      iterate_until (NULL, &endings[i].freed, 1);
      assert_ended_well (&endings[i]);
    }
  iterate_until (NULL, &busy.freed, 1);
  g_assert_cmpmem (started->data, started->len * sizeof (gint), order, sizeof order);
  g_array_unref (started);
}

static void
run_one (QIOTask *task,
         QIOTaskWorker worker,
         gpointer opaque)
{
  qio_task_run_in_thread (task, worker, opaque, NULL, NULL);
  qio_task_wait_thread (task);
}

static void
run (QIOTaskWorker worker,
     gpointer opaque)
{
  Ending ending = { 0 };

  run_one (ending_task (&ending, NULL), worker, opaque);
  assert_ended_well (&ending);
}

static void
ask_mask (QIOTask *task G_GNUC_UNUSED,
          gpointer mask)
{
  g_assert_cmpint (pthread_sigmask (SIG_BLOCK, NULL, mask), ==, 0);
}

/* A program waits for them where it likes. */
static void
test_signals (void)
{
  const gint blocked[] = { SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGCHLD, SIGALRM,
                           SIGWINCH, SIGPIPE, SIGPROF };
  const gint through[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS, SIGABRT };
  sigset_t mask;

  no_longer_than_a_minute ();
  run (ask_mask, &mask);
  for (gsize i = 0; i < G_N_ELEMENTS (blocked); i++)
    g_assert_cmpint (sigismember (&mask, blocked[i]), ==, 1);
  for (gsize i = 0; i < G_N_ELEMENTS (through); i++)
    g_assert_cmpint (sigismember (&mask, through[i]), ==, 0);
}

typedef struct
{
  gchar name[16];
  gint nice;
  sigset_t mask;
  GMainContext *context;
  locale_t locale;
  gint rounding;
} State;

static void
find_state (QIOTask *task G_GNUC_UNUSED,
            gpointer opaque)
{
  State *state = opaque;

  memset (state, 0, sizeof *state);
  prctl (PR_GET_NAME, state->name);
  state->nice = getpriority (PRIO_PROCESS, 0);
  pthread_sigmask (SIG_BLOCK, NULL, &state->mask);
  state->context = g_main_context_get_thread_default ();
  state->locale = uselocale ((locale_t) 0);
  state->rounding = fegetround ();
}

static void
change_state (QIOTask *task G_GNUC_UNUSED,
              gpointer opaque G_GNUC_UNUSED)
{
  sigset_t none;

  prctl (PR_SET_NAME, "changed");
  g_assert_no_errno (setpriority (PRIO_PROCESS, 0, getpriority (PRIO_PROCESS, 0) + 3));
  sigemptyset (&none);
  pthread_sigmask (SIG_SETMASK, &none, NULL);
  /* Both are lost, as in a worker that forgets them. */
  g_main_context_push_thread_default (g_main_context_new ());
  uselocale (newlocale (LC_ALL_MASK, "C", (locale_t) 0));
  fesetround (FE_UPWARD);
}

static void
assert_same (const State *one,
             const State *other)
{
  g_assert_cmpstr (one->name, ==, other->name);
  g_assert_cmpint (one->nice, ==, other->nice);
  for (gint signal = 1; signal < 32; signal++)
    g_assert_cmpint (sigismember (&one->mask, signal), ==, sigismember (&other->mask, signal));
  g_assert_true (one->context == other->context);
  g_assert_true (one->locale == other->locale);
  g_assert_cmpint (one->rounding, ==, other->rounding);
}

/* Each worker finds its thread as the first one did. */
static void
test_neutral (void)
{
  State first, later;

  if (passes_in_child ())
    return;
  qio_task_set_max_threads (1);
  run (find_state, &first);
  for (gint i = 0; i < 3; i++)
    {
      run (change_state, NULL);
      run (find_state, &later);
      assert_same (&first, &later);
    }
}

static QIOTask *
full_task (Ending *ending,
           const gchar *name)
{
  return qio_task_new_full (NULL, NULL, name, G_PRIORITY_DEFAULT, 0, ending_func, ending,
                            ending_freed);
}

static void
ask_name (QIOTask *task G_GNUC_UNUSED,
          gpointer name)
{
  prctl (PR_GET_NAME, name);
}

/* While the only shared thread is busy. */
static void
test_dedicated (void)
{
  Gate gate = { 0 };
  Ending busy = { 0 };

  if (passes_in_child ())
    return;
  keep_busy (&busy, &gate);
  for (gint i = 0; i < 4; i++)
    {
      Ending ending = { 0 };
      const gchar *name = i % 2 == 0 ? NULL : "a name";
      QIOTask *task = i < 2 ? full_task (&ending, name) : ending_task (&ending, NULL);
      gchar seen[16] = "";

      qio_task_set_dedicated_thread (task, FALSE);
      qio_task_set_dedicated_thread (task, TRUE);
      run_one (task, ask_name, seen);
      assert_ended_well (&ending);
      if (i < 2 && name != NULL)
        g_assert_cmpstr (seen, ==, name);
    }
  gate_open (&gate);
  iterate_until (NULL, &busy.freed, 1);
  assert_ended_well (&busy);
}

static void
note_start (QIOTask *task G_GNUC_UNUSED,
            gpointer has_started)
{
  g_atomic_int_set ((gint *) has_started, 1);
}

/* On another context than it was made for, too. What is taken back is shared again, and
 * waits. */
static void
test_dedicated_moved (void)
{
  g_autoptr(GMainContext) context = g_main_context_new ();
  Gate gate = { 0 };
  Ending busy = { 0 }, own = { 0 }, shared = { 0 };
  QIOTask *task;
  gint has_started = 0;

  if (passes_in_child ())
    return;
  keep_busy (&busy, &gate);
  task = full_task (&shared, "shared");
  qio_task_set_dedicated_thread (task, TRUE);
  qio_task_set_dedicated_thread (task, FALSE);
  qio_task_run_in_thread (task, note_start, &has_started, NULL, context);

  task = full_task (&own, "own");
  qio_task_set_dedicated_thread (task, TRUE);
  qio_task_run_in_thread (task, no_work, NULL, NULL, context);
  iterate_until (context, &own.freed, 1);
  assert_ended_well (&own);

  g_assert_cmpint (g_atomic_int_get (&has_started), ==, 0);
  gate_open (&gate);
  iterate_until (context, &shared.freed, 1);
  assert_ended_well (&shared);
  iterate_until (NULL, &busy.freed, 1);
  assert_ended_well (&busy);
}

static void
test_misuse (void)
{
  Ending ending = { 0 };
  QIOTask *task = ending_task (&ending, NULL);

  no_longer_than_a_minute ();
  qio_task_complete (task);
  assert_ended_well (&ending);
  expect_critical ("qio_task_set_dedicated_thread", "task has not ended");
  qio_task_set_dedicated_thread (task, TRUE);
  g_test_assert_expected_messages ();
  expect_critical ("qio_task_set_dedicated_thread", "task != NULL");
  qio_task_set_dedicated_thread (NULL, TRUE);
  g_test_assert_expected_messages ();
}

int
main (int argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/guest/priority", test_priority);
  g_test_add_func ("/guest/signals", test_signals);
  g_test_add_func ("/guest/neutral", test_neutral);
  g_test_add_func ("/guest/dedicated", test_dedicated);
  g_test_add_func ("/guest/moved", test_dedicated_moved);
  g_test_add_func ("/guest/misuse", test_misuse);

  return g_test_run ();
}
