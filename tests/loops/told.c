/* SPDX-License-Identifier: MIT OR Apache-2.0 */

#include "told.h"

#include <qio-task.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* How often tasks are made, and how many each time: half of them are completed in idle at
 * once, and half by workers, one after the other. One more is cancelled, and one times out,
 * each when nothing else is due any more: so each has to wait for a turn of its own. */
enum { ROUNDS = 4, IDLE = 10, WORKERS = 10, TASKS = IDLE + WORKERS, ALL = TASKS + 2 };

/* In milliseconds. */
enum
{
  STEP = 10,       /* from one look at the tasks to the next */
  WARM_UP = 100,   /* for the toolkit, before the first task is made */
  BETWEEN = 15,    /* from the end of one worker to that of the next */
  CANCEL = 300,    /* when the one that is cancelled is */
  TIMEOUT = 450,   /* when the one that times out does */
  DEAF = 600,      /* how long none is told without a bound */
  PATIENCE = 2000, /* how late one may be told on a busy machine */
};

/* Before whatever the toolkit does. */
#define PRIORITY (10 * G_PRIORITY_HIGH)

/* One task. The times are those of g_get_monotonic_time(). */
typedef struct
{
  QIOTask *held; /* one that nobody completes, and that is freed once it was told */
  gint error;    /* of GIO, with which it is to end; -1 for none */
  gint64 due;
  gint64 told;
} Entry;

typedef struct
{
  Entry tasks[TASKS];
  Entry cancelled;
  Entry timed_out;
  GCancellable *cancellable;
  GThread *canceller;
} Round;

static struct
{
  const gchar *name;
  gboolean bounded;
  GThread *home;
  gint64 since; /* when this round was begun, or the warming up */
  guint rounds; /* how many were begun */
  guint told;   /* of this round */
  Round all[ROUNDS];
} state;

static guint turns;

void
told_turn (void)
{
  g_atomic_int_inc (&turns);
}

static gint64
now (void)
{
  return g_get_monotonic_time ();
}

/* The process ends here and now: how each toolkit takes it when its loop is quit is not
 * what is looked at. */
G_NORETURN static void
end (const gchar *why)
{
  const gchar *mode = state.bounded ? "in time" : "never rests";

  if (why != NULL)
    printf ("# %s\nnot ok 1 %s: %s\n", why, state.name, mode);
  else
    printf ("ok 1 %s: %s\n", state.name, mode);
  fflush (stdout);
  _exit (why == NULL ? EXIT_SUCCESS : EXIT_FAILURE);
}

static void
task_told (QIOTask *task,
           gpointer opaque)
{
  Entry *entry = opaque;
  g_autoptr(GError) error = NULL;

  entry->told = now ();
  if (g_thread_self () != state.home)
    end ("told on another thread");
  if (qio_task_propagate_error (task, (gpointer *) &error) != (entry->error >= 0)
      || (error != NULL && !g_error_matches (error, G_IO_ERROR, entry->error)))
    end (error != NULL ? error->message : "told a success, and not an error");
  state.told++;
}

static void
work (QIOTask *task G_GNUC_UNUSED,
      gpointer opaque)
{
  Entry *entry = opaque;

  gint64 left = entry->due - now ();

  if (left > 0)
    g_usleep (left);
  entry->due = now ();
}

static gpointer
cancel_soon (gpointer opaque)
{
  Round *round = opaque;

  g_usleep (CANCEL * 1000);
  round->cancelled.due = now ();
  g_cancellable_cancel (round->cancellable);
  return NULL;
}

static void
begin_round (void)
{
  Round *round = &state.all[state.rounds++];

  state.since = now ();
  state.told = 0;
  for (guint i = 0; i < TASKS; i++)
    {
      Entry *entry = &round->tasks[i];
      QIOTask *task = qio_task_new (NULL, task_told, entry, NULL);

      entry->error = -1;
      entry->due = now ();
      if (i < IDLE)
        {
          qio_task_complete_in_idle (task);
          continue;
        }
      entry->due += (i - IDLE) * BETWEEN * 1000;
      qio_task_run_in_thread (task, work, entry, NULL, g_main_context_get_thread_default ());
    }
  round->cancellable = g_cancellable_new ();
  round->cancelled.error = G_IO_ERROR_CANCELLED;
  round->cancelled.held = qio_task_new_full (NULL, round->cancellable, NULL,
                                             G_PRIORITY_DEFAULT_IDLE, 0, task_told,
                                             &round->cancelled, NULL);
  round->timed_out.error = G_IO_ERROR_TIMED_OUT;
  round->timed_out.due = now () + TIMEOUT * 1000;
  round->timed_out.held = qio_task_new_full (NULL, NULL, NULL, G_PRIORITY_DEFAULT_IDLE, TIMEOUT,
                                             task_told, &round->timed_out, NULL);
  round->canceller = g_thread_new ("canceller", cancel_soon, round);
}

static void
end_round (Round *round)
{
  for (guint i = 1; i < IDLE; i++)
    if (round->tasks[i - 1].told > round->tasks[i].told)
      end ("told in another order than that in which they were due");
  if (round->timed_out.told < round->timed_out.due)
    end ("timed out too early");
  g_thread_join (round->canceller);
  qio_task_free (round->cancelled.held);
  qio_task_free (round->timed_out.held);
  g_object_unref (round->cancellable);
}

static gdouble
delay (const Entry *entry)
{
  return (entry->told - entry->due) / 1000.0;
}

static gint
compare (gconstpointer a,
         gconstpointer b)
{
  gdouble x = *(const gdouble *) a, y = *(const gdouble *) b;

  return (x > y) - (x < y);
}

/* A row of the table that is in the documentation: the median and the worst of the tasks,
 * the worst of those that were cancelled and of those that timed out. */
static void
print_delays (void)
{
  gdouble delays[ROUNDS * TASKS];
  gdouble cancelled = 0, timed_out = 0;

  for (guint i = 0; i < ROUNDS; i++)
    {
      for (guint j = 0; j < TASKS; j++)
        delays[i * TASKS + j] = delay (&state.all[i].tasks[j]);
      cancelled = MAX (cancelled, delay (&state.all[i].cancelled));
      timed_out = MAX (timed_out, delay (&state.all[i].timed_out));
    }
  qsort (delays, ROUNDS * TASKS, sizeof *delays, compare);
  printf ("# | %s | %.0f | %.0f | %.0f | %.0f |\n", state.name, delays[ROUNDS * TASKS / 2],
          delays[ROUNDS * TASKS - 1], cancelled, timed_out);
}

static void
end_unbounded (void)
{
  g_autofree gchar *why = NULL;

  printf ("# %u turns, %u told within %d ms\n", g_atomic_int_get (&turns), state.told, DEAF);
  if (state.told > 0)
    why = g_strdup_printf ("the loop rests: %u of %d told", state.told, ALL);
  end (why);
}

static gboolean
look (gpointer opaque G_GNUC_UNUSED)
{
  gint64 passed = (now () - state.since) / 1000;

  if (state.rounds == 0)
    {
      if (passed >= WARM_UP)
        begin_round ();
      return G_SOURCE_CONTINUE;
    }
  if (!state.bounded && passed >= DEAF)
    end_unbounded ();
  if (state.bounded && state.told == ALL)
    {
      end_round (&state.all[state.rounds - 1]);
      if (state.rounds < ROUNDS)
        {
          begin_round ();
          return G_SOURCE_CONTINUE;
        }
      print_delays ();
      end (NULL);
    }
  if (state.bounded && passed >= TIMEOUT + PATIENCE)
    {
      g_autofree gchar *why = g_strdup_printf ("%u of %d told within %d ms, %u turns meanwhile",
                                               state.told, ALL, PATIENCE,
                                               g_atomic_int_get (&turns));

      end (why);
    }
  return G_SOURCE_CONTINUE;
}

void
told_begin (const gchar *name,
            gboolean bounded)
{
  GSource *source = g_timeout_source_new (STEP);

  state.name = g_strdup (name);
  state.bounded = bounded;
  state.home = g_thread_self ();
  state.since = now ();
  if (!bounded)
    qio_task_set_max_delay (G_MAXUINT);
  printf ("1..1\n");
  /* A loop that is not GLib's would never look. */
  alarm (60);
  g_source_set_priority (source, PRIORITY);
  g_source_set_callback (source, look, NULL, NULL);
  g_source_attach (source, g_main_context_get_thread_default ());
  g_source_unref (source);
}
