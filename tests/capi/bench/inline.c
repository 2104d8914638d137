/*
 * What a task costs that is made and completed at once, beside the least that
 * it could cost: malloc () and free () of 200 bytes, and a reference on an
 * object and back. And beside a GTask.
 *
 *   cc -O2 inline.c -o inline $(pkg-config --cflags --libs qio-task)
 *
 * The rows take turns, so that what else the machine does falls on all of them,
 * and each shows the median of its turns. It asserts nothing.
 */

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <qio-task.h>

/* So few that what a turn has made is in the cache as it is completed. */
#define PER_TURN 100
#define TURNS 20001
#define WARM_UP_NS 300e6

typedef void (*Turn) (GObject *object);

typedef struct
{
  const gchar *what;
  Turn turn;
  gdouble ns[TURNS];
} Row;

/* Each turn counts the functions that it has had called. */
static guint n_called;

/* The compiler may not know what comes out of it, nor that nobody looks. */
static gpointer
opaque_to_the_compiler (gpointer pointer)
{
  __asm__ volatile ("" : "+r" (pointer) : : "memory");

  return pointer;
}

static void
least (GObject *object)
{
  for (guint i = 0; i < PER_TURN; i++)
    {
      gpointer memory = opaque_to_the_compiler (malloc (200));

      g_object_ref (object);
      n_called++;
      g_object_unref (object);
      free (memory);
    }
}

static void
task_called (QIOTask *task G_GNUC_UNUSED,
             gpointer opaque G_GNUC_UNUSED)
{
  n_called++;
}

static void
task (GObject *object)
{
  for (guint i = 0; i < PER_TURN; i++)
    qio_task_complete (qio_task_new (object, task_called, NULL, NULL));
}

static void
task_without_source (GObject *object G_GNUC_UNUSED)
{
  for (guint i = 0; i < PER_TURN; i++)
    qio_task_complete (qio_task_new (NULL, task_called, NULL, NULL));
}

static void
gtask_called (GObject *object G_GNUC_UNUSED,
              GAsyncResult *result G_GNUC_UNUSED,
              gpointer user_data G_GNUC_UNUSED)
{
  n_called++;
}

/* A GTask never calls back in the iteration of the main context that has made
 * it, but from an idle source of the next, which is part of what it costs. */
static void
gtask (GObject *object)
{
  for (guint i = 0; i < PER_TURN; i++)
    {
      GTask *task = g_task_new (object, NULL, gtask_called, NULL);

      g_task_return_boolean (task, TRUE);
      g_object_unref (task);
    }

  while (g_main_context_iteration (NULL, FALSE))
    ;
}

static gdouble
now_ns (void)
{
  struct timespec now;

  clock_gettime (CLOCK_MONOTONIC, &now);

  return now.tv_sec * 1e9 + now.tv_nsec;
}

static gdouble
measure (Turn turn,
         GObject *object)
{
  gdouble began;

  n_called = 0;
  began = now_ns ();
  turn (object);
  began = now_ns () - began;

  if (n_called != PER_TURN)
    g_error ("%u calls of %u", n_called, PER_TURN);

  return began / PER_TURN;
}

static gint
compare (gconstpointer a,
         gconstpointer b)
{
  const gdouble *left = a, *right = b;

  return (*left > *right) - (*left < *right);
}

static gdouble
median (gdouble *values)
{
  qsort (values, TURNS, sizeof *values, compare);

  return values[TURNS / 2];
}

int
main (void)
{
  static Row rows[] = {
    { .what = "malloc + free of 200 bytes, ref + unref", .turn = least },
    { .what = "qio_task_new + qio_task_complete", .turn = task },
    { .what = "the same without a source", .turn = task_without_source },
    { .what = "g_task_new + g_task_return_boolean, in idle", .turn = gtask },
  };
  g_autoptr(GObject) object = g_object_new (G_TYPE_OBJECT, NULL);
  gdouble began = now_ns (), least_ns;

  while (now_ns () - began < WARM_UP_NS)
    for (gsize row = 0; row < G_N_ELEMENTS (rows); row++)
      measure (rows[row].turn, object);

  for (guint turn = 0; turn < TURNS; turn++)
    for (gsize row = 0; row < G_N_ELEMENTS (rows); row++)
      rows[row].ns[turn] = measure (rows[row].turn, object);

  least_ns = median (rows[0].ns);
  for (gsize row = 0; row < G_N_ELEMENTS (rows); row++)
    {
      gdouble ns = row == 0 ? least_ns : median (rows[row].ns);

      printf ("%-44s %7.1f ns %6.2f x\n", rows[row].what, ns, ns / least_ns);
    }

  return EXIT_SUCCESS;
}
