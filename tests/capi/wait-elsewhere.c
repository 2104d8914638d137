/* SPDX-License-Identifier: MIT OR Apache-2.0 */

/* Threads that wait for tasks while another one iterates their context: each
 * wait ends, whoever calls the task's function. */

#include <qio-task.h>

#define ROUNDS 20
#define TASKS 20
#define HANG_SECONDS 60

typedef struct
{
  gint n_waiting;
  gint n_waited;
  gint n_called;
} Round;

typedef struct
{
  Round *round;
  QIOTask *task;
  GThread *thread;
} Waiter;

static void
work (QIOTask *task G_GNUC_UNUSED,
      gpointer opaque)
{
  Round *round = opaque;

  while (g_atomic_int_get (&round->n_waiting) < TASKS)
    g_usleep (100);

  /* So that the last of them has most likely begun to wait. */
  g_usleep (G_USEC_PER_SEC / 50);
}

static void
called (QIOTask *task G_GNUC_UNUSED,
        gpointer opaque)
{
  Round *round = opaque;

  g_atomic_int_inc (&round->n_called);
}

static gpointer
wait_for_task (gpointer opaque)
{
  Waiter *waiter = opaque;

  g_atomic_int_inc (&waiter->round->n_waiting);
  qio_task_wait_thread (waiter->task);
  g_atomic_int_inc (&waiter->round->n_waited);
  g_main_context_wakeup (NULL);

  return NULL;
}

static gboolean
give_up (gpointer opaque)
{
  Round *round = opaque;

  g_error ("%d of %d waits have ended, and %d functions were called",
           g_atomic_int_get (&round->n_waited), TASKS,
           g_atomic_int_get (&round->n_called));

  return G_SOURCE_REMOVE;
}

static void
wait_elsewhere (void)
{
  Round round = { 0, 0, 0 };
  Waiter waiters[TASKS];
  guint hang = g_timeout_add_seconds (HANG_SECONDS, give_up, &round);

  for (guint i = 0; i < TASKS; i++)
    {
      waiters[i].round = &round;
      waiters[i].task = qio_task_new (NULL, called, &round, NULL);
      qio_task_run_in_thread (waiters[i].task, work, &round, NULL, NULL);
      waiters[i].thread = g_thread_new ("waiter", wait_for_task, &waiters[i]);
    }

  while (g_atomic_int_get (&round.n_waited) < TASKS)
    g_main_context_iteration (NULL, TRUE);

  for (guint i = 0; i < TASKS; i++)
    g_thread_join (waiters[i].thread);

  g_assert_cmpint (round.n_called, ==, TASKS);
  g_source_remove (hang);
}

static void
test_wait_elsewhere (void)
{
  for (guint round = 0; round < ROUNDS; round++)
    wait_elsewhere ();
}

int
main (int argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/wait/elsewhere", test_wait_elsewhere);

  return g_test_run ();
}
