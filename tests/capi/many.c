/* SPDX-License-Identifier: MIT OR Apache-2.0 */

/* A hundred thousand tasks: each calls its function once, and frees what it
 * has once. */

#include "support.h"

enum { THREADS = 4 };

/* One for each task. */
typedef struct
{
  gint works;
  gint calls;
  gint worker_freed;
  gint result_freed;
  gint freed;
} Counts;

static gint total = 100 * 1000;
static Counts *counts;
static gint ended;

static void
set_up (gint *tasks G_GNUC_UNUSED,
        gconstpointer data G_GNUC_UNUSED)
{
  no_longer_than_a_minute ();
  counts = g_new0 (Counts, total);
  ended = 0;
}

static void
tear_down (gint *tasks G_GNUC_UNUSED,
           gconstpointer has_worker)
{
  gint works = has_worker != NULL;

  iterate_all (NULL);
  g_assert_cmpint (ended, ==, total);
  for (gint i = 0; i < total; i++)
    {
      g_assert_cmpint (counts[i].works, ==, works);
      g_assert_cmpint (counts[i].calls, ==, 1);
      g_assert_cmpint (counts[i].worker_freed, ==, works);
      g_assert_cmpint (counts[i].result_freed, ==, 1);
      g_assert_cmpint (counts[i].freed, ==, 1);
    }
  g_free (counts);
}

static void
func (QIOTask *task,
      gpointer opaque)
{
  Counts *data = opaque;

  g_assert_true (qio_task_get_result_pointer (task) == &data->result_freed);
  g_assert_false (qio_task_propagate_error (task, NULL));
  count_up (&data->calls);
}

static void
freed (gpointer opaque)
{
  Counts *data = opaque;

  count_up (&data->freed);
  g_atomic_int_inc (&ended);
}

static void
work (QIOTask *task,
      gpointer opaque)
{
  Counts *data = opaque;

  count_up (&data->works);
  qio_task_set_result_pointer (task, &data->result_freed, count_up);
}

static void
worker_freed (gpointer opaque)
{
  Counts *data = opaque;

  count_up (&data->worker_freed);
}

static QIOTask *
new_task (gint i)
{
  return qio_task_new (NULL, func, &counts[i], freed);
}

static QIOTask *
new_task_with_result (gint i)
{
  QIOTask *task = new_task (i);

  qio_task_set_result_pointer (task, &counts[i].result_freed, count_up);
  return task;
}

static void
test_inline (gint *tasks G_GNUC_UNUSED,
             gconstpointer data G_GNUC_UNUSED)
{
  for (gint i = 0; i < total; i++)
    qio_task_complete (new_task_with_result (i));
}

static void
test_idle (gint *tasks G_GNUC_UNUSED,
           gconstpointer data G_GNUC_UNUSED)
{
  for (gint i = 0; i < total; i++)
    qio_task_complete_in_idle (new_task_with_result (i));
  iterate_until (NULL, &ended, total);
}

/* The first of the tasks that a thread makes. */
static gint
first_of (gint thread)
{
  return (gint) ((gint64) total * thread / THREADS);
}

static gpointer
run_share (gpointer thread)
{
  gint index = GPOINTER_TO_INT (thread);

  for (gint i = first_of (index); i < first_of (index + 1); i++)
    qio_task_run_in_thread (new_task (i), work, &counts[i], worker_freed, NULL);
  return NULL;
}

static void
test_threads (gint *tasks G_GNUC_UNUSED,
              gconstpointer data G_GNUC_UNUSED)
{
  GThread *threads[THREADS];

  for (gint i = 0; i < THREADS; i++)
    threads[i] = g_thread_new ("makes tasks", run_share, GINT_TO_POINTER (i));
  iterate_until (NULL, &ended, total);
  for (gint i = 0; i < THREADS; i++)
    g_thread_join (threads[i]);
}

static void
test_wait (gint *tasks G_GNUC_UNUSED,
           gconstpointer data G_GNUC_UNUSED)
{
  for (gint i = 0; i < total; i++)
    {
      QIOTask *task = new_task (i);

      qio_task_run_in_thread (task, work, &counts[i], worker_freed, NULL);
      qio_task_wait_thread (task);
    }
}

int
main (int argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  /* Under valgrind it takes long. */
  if (g_getenv ("QIO_TASK_TESTS_FEW") != NULL)
    total = 2000;

#define add(path, has_worker, test) \
  g_test_add (path, gint, GINT_TO_POINTER (has_worker), set_up, test, tear_down)
  add ("/many/inline", FALSE, test_inline);
  add ("/many/idle", FALSE, test_idle);
  add ("/many/threads", TRUE, test_threads);
  add ("/many/wait", TRUE, test_wait);
#undef add

  return g_test_run ();
}
