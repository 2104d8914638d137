/* SPDX-License-Identifier: MIT OR Apache-2.0 */

/* The five cases of QEMU's test-io-task, with a GObject and a GError. */

#include "support.h"

/* What a test gives a task, and what has become of it. */
typedef struct
{
  GMainLoop *loop;
  GObject *source;
  gboolean fails;
  GThread *worker;
  gint worker_freed;
  Ending ending;
} Fixture;

static void
set_up (Fixture *fixture,
        gconstpointer fails)
{
  no_longer_than_a_minute ();
  fixture->loop = g_main_loop_new (NULL, FALSE);
  fixture->source = g_object_new (G_TYPE_OBJECT, NULL);
  fixture->fails = GPOINTER_TO_INT (fails);
}

static void
tear_down (Fixture *fixture,
           gconstpointer fails G_GNUC_UNUSED)
{
  g_assert_true (fixture->ending.source == fixture->source);
  g_assert_cmpint (fixture->ending.calls, ==, 1);
  g_assert_cmpint (fixture->ending.freed, ==, 1);
  g_clear_error (&fixture->ending.error);

  g_object_add_weak_pointer (fixture->source, (gpointer *) &fixture->source);
  g_object_unref (fixture->source);
  g_assert_null (fixture->source);
  g_main_loop_unref (fixture->loop);
}

static void
finish (QIOTask *task,
        gpointer opaque)
{
  Fixture *fixture = opaque;

  ending_func (task, &fixture->ending);
  g_main_loop_quit (fixture->loop);
}

static void
finished (gpointer opaque)
{
  Fixture *fixture = opaque;

  ending_freed (&fixture->ending);
}

static void
test_complete (Fixture *fixture,
               gconstpointer data G_GNUC_UNUSED)
{
  QIOTask *task = qio_task_new (fixture->source, finish, fixture, finished);

  g_assert_true (qio_task_get_source (task) == fixture->source);
  g_assert_cmpuint (fixture->source->ref_count, ==, 2);
  g_assert_cmpint (fixture->ending.calls, ==, 0);
  qio_task_complete (task);

  g_assert_cmpint (fixture->ending.calls, ==, 1);
  g_assert_true (fixture->ending.thread == g_thread_self ());
  g_assert_no_error (fixture->ending.error);
  g_assert_cmpuint (fixture->source->ref_count, ==, 1);
}

static void
test_datafree (Fixture *fixture,
               gconstpointer data G_GNUC_UNUSED)
{
  gint freed = 0;
  QIOTask *task = qio_task_new (fixture->source, finish, fixture, finished);

  qio_task_set_result_pointer (task, &freed, count_up);
  g_assert_true (qio_task_get_result_pointer (task) == &freed);
  g_assert_cmpint (fixture->ending.freed, ==, 0);
  qio_task_complete (task);

  g_assert_true (fixture->ending.result == &freed);
  g_assert_cmpint (fixture->ending.freed, ==, 1);
  g_assert_cmpint (freed, ==, 1);
}

static void
test_failure (Fixture *fixture,
              gconstpointer data G_GNUC_UNUSED)
{
  QIOTask *task = qio_task_new (fixture->source, finish, fixture, finished);
  GError *error = g_error_new (G_IO_ERROR, G_IO_ERROR_BROKEN_PIPE, "Some error");

  qio_task_set_error (task, error);
  qio_task_complete (task);

  g_assert_true (fixture->ending.error == error);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_BROKEN_PIPE);
  g_assert_cmpstr (error->message, ==, "Some error");
}

static void
work (QIOTask *task,
      gpointer opaque)
{
  Fixture *fixture = opaque;

  g_assert_true (qio_task_get_source (task) == fixture->source);
  g_assert_cmpint (fixture->ending.calls, ==, 0);
  g_assert_cmpint (fixture->worker_freed, ==, 0);
  fixture->worker = g_thread_self ();
  qio_task_set_result_pointer (task, g_strdup ("Some result"), g_free);
  if (fixture->fails)
    qio_task_set_error (task, g_error_new (G_IO_ERROR, G_IO_ERROR_HOST_NOT_FOUND, "No host"));
}

static void
worked (gpointer opaque)
{
  Fixture *fixture = opaque;

  g_assert_cmpint (fixture->ending.calls, ==, 1);
  g_assert_true (g_thread_self () == fixture->ending.thread);
  fixture->worker_freed++;
}

static void
test_thread (Fixture *fixture,
             gconstpointer data G_GNUC_UNUSED)
{
  QIOTask *task = qio_task_new (fixture->source, finish, fixture, finished);

  qio_task_run_in_thread (task, work, fixture, worked, NULL);
  g_main_loop_run (fixture->loop);

  g_assert_cmpint (fixture->worker_freed, ==, 1);
  g_assert_nonnull (fixture->worker);
  g_assert_true (fixture->worker != g_thread_self ());
  g_assert_true (fixture->ending.thread == g_thread_self ());
  g_assert_nonnull (fixture->ending.result);
  if (fixture->fails)
    {
      g_assert_error (fixture->ending.error, G_IO_ERROR, G_IO_ERROR_HOST_NOT_FOUND);
      g_assert_cmpstr (fixture->ending.error->message, ==, "No host");
    }
  else
    {
      g_assert_no_error (fixture->ending.error);
    }
}

int
main (int argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

#define add(path, fails, test)                                              \
  g_test_add (path, Fixture, GINT_TO_POINTER (fails), set_up, test, tear_down)
  add ("/qio-task/complete", FALSE, test_complete);
  add ("/qio-task/datafree", FALSE, test_datafree);
  add ("/qio-task/failure", FALSE, test_failure);
  add ("/qio-task/thread_complete", FALSE, test_thread);
  add ("/qio-task/thread_failure", TRUE, test_thread);
#undef add

  return g_test_run ();
}
