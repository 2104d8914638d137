/* SPDX-License-Identifier: MIT OR Apache-2.0 */

/* The cases of QEMU's test-io-task, in a program that has an object system and an
 * error type of its own, and knows no other header than its own io-task.h.
 *
 * Each is there twice: as long as QEMU's task is freed as it is completed, and as it
 * is since 2026, when whoever completes a task by hand frees it afterwards. */

#include "host.h"
#include "io-task.h"

#include <unistd.h>

/* How a task ends, and who frees it. */
typedef struct
{
  const char *message;
  bool frees;
} Way;

/* What a test gives a task, and what has become of it. */
typedef struct
{
  GMainLoop *loop;
  Object *source;
  const char *message;
  bool frees;
  GThread *worker;
  GThread *completing;
  Object *seen;
  Error *error;
  int freed;
} Fixture;

static void
set_up (Fixture *fixture,
        gconstpointer data)
{
  const Way *way = data;

  alarm (60);
  fixture->loop = g_main_loop_new (NULL, FALSE);
  fixture->source = object_new ();
  fixture->message = way->message;
  fixture->frees = way->frees;
}

/* Nothing that the task had outlives it, and the test has the only reference. */
static void
tear_down (Fixture *fixture,
           gconstpointer data)
{
  const char *message = ((const Way *) data)->message;

  g_assert_true (fixture->seen == fixture->source);
  g_assert_cmpint (fixture->freed, ==, 1);
  g_assert_true ((fixture->error != NULL) == (message != NULL));
  if (message != NULL)
    {
      g_assert_cmpstr (error_get_message (fixture->error), ==, message);
      error_free (fixture->error);
    }
  g_assert_cmpint (object_get_references (fixture->source), ==, 1);
  object_unref (fixture->source);
  g_assert_cmpint (objects_alive (), ==, 0);
  g_assert_cmpint (errors_alive (), ==, 0);
  g_main_loop_unref (fixture->loop);
}

static void
finish (QIOTask *task,
        gpointer opaque)
{
  Fixture *fixture = opaque;
  bool failed;

  fixture->completing = g_thread_self ();
  fixture->seen = qio_task_get_source (task);
  g_assert_cmpint (object_get_references (fixture->source), ==, 2);
  failed = qio_task_propagate_error (task, &fixture->error);
  g_assert_true (failed == (fixture->error != NULL));
  g_assert_false (qio_task_propagate_error (task, NULL));
  g_main_loop_quit (fixture->loop);
}

static void
finished (gpointer opaque)
{
  Fixture *fixture = opaque;

  g_assert_nonnull (fixture->completing);
  fixture->freed++;
}

static QIOTask *
new_task (Fixture *fixture)
{
  QIOTask *task = qio_task_new (fixture->source, finish, fixture, finished);

  g_assert_true (qio_task_get_source (task) == fixture->source);
  g_assert_cmpint (object_get_references (fixture->source), ==, 2);
  return task;
}

static void
set_errors (QIOTask *task,
            const char *message)
{
  if (message == NULL)
    return;
  qio_task_set_error (task, NULL);
  qio_task_set_error (task, error_new (message));
  qio_task_set_error (task, error_new ("A second error"));
}

static void
complete (Fixture *fixture,
          QIOTask *task)
{
  qio_task_complete (task);
  if (fixture->frees)
    qio_task_free (task);
}

static void
test_complete (Fixture *fixture,
               gconstpointer data G_GNUC_UNUSED)
{
  QIOTask *task = new_task (fixture);

  set_errors (task, fixture->message);
  complete (fixture, task);
  g_assert_true (fixture->completing == g_thread_self ());
}

static void
unref_result (gpointer result)
{
  object_unref (result);
}

static void
test_datafree (Fixture *fixture,
               gconstpointer data G_GNUC_UNUSED)
{
  QIOTask *task = new_task (fixture);
  Object *result = object_new ();

  qio_task_set_result_pointer (task, object_ref (result), unref_result);
  g_assert_true (qio_task_get_result_pointer (task) == result);
  g_assert_cmpint (object_get_references (result), ==, 2);
  complete (fixture, task);
  g_assert_cmpint (object_get_references (result), ==, 1);
  object_unref (result);
}

static void
work (QIOTask *task,
      gpointer opaque)
{
  Fixture *fixture = opaque;

  g_assert_true (qio_task_get_source (task) == fixture->source);
  fixture->worker = g_thread_self ();
  set_errors (task, fixture->message);
}

static void
test_thread (Fixture *fixture,
             gconstpointer data G_GNUC_UNUSED)
{
  qio_task_run_in_thread (new_task (fixture), work, fixture, NULL, NULL);
  g_main_loop_run (fixture->loop);
  g_assert_true (fixture->completing == g_thread_self ());
  g_assert_true (fixture->worker != g_thread_self ());
}

static void
test_wait (Fixture *fixture,
           gconstpointer data G_GNUC_UNUSED)
{
  QIOTask *task = new_task (fixture);

  qio_task_run_in_thread (task, work, fixture, NULL, NULL);
  qio_task_wait_thread (task);
  g_assert_true (fixture->completing == g_thread_self ());
  g_assert_true (fixture->worker != g_thread_self ());
}

static void
test_cancel (Fixture *fixture,
             gconstpointer data G_GNUC_UNUSED)
{
  QIOTask *task = new_task (fixture);

  host_cancel_task (task);
  g_main_loop_run (fixture->loop);
  g_assert_true (fixture->completing == g_thread_self ());
  qio_task_set_error (task, error_new ("Too late"));
  complete (fixture, task);
}

/* A source that is to complete a task, and frees it as it goes itself. */
static gboolean
complete_once (gpointer task)
{
  qio_task_complete (task);
  return G_SOURCE_REMOVE;
}

static void
test_source (Fixture *fixture,
             gconstpointer data G_GNUC_UNUSED)
{
  QIOTask *task = new_task (fixture);
  GDestroyNotify destroy = fixture->frees ? (GDestroyNotify) qio_task_free : NULL;

  set_errors (task, fixture->message);
  g_idle_add_full (G_PRIORITY_DEFAULT, complete_once, task, destroy);
  g_main_loop_run (fixture->loop);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_true (fixture->completing == g_thread_self ());
}

static void
unexpected (QIOTask *task G_GNUC_UNUSED,
            gpointer opaque G_GNUC_UNUSED)
{
  g_assert_not_reached ();
}

static void
count_freed (gpointer freed)
{
  ++*(int *) freed;
}

/* One that is freed instead. Its function is not called. */
static void
test_freed (void)
{
  int freed = 0;
  Object *source = object_new ();
  QIOTask *task = qio_task_new (source, unexpected, &freed, count_freed);
  guint tag;

  alarm (60);
  qio_task_set_error (task, error_new ("Never told"));
  qio_task_free (task);
  g_assert_cmpint (freed, ==, 1);

  task = qio_task_new (source, unexpected, &freed, count_freed);
  tag = g_idle_add_full (G_PRIORITY_DEFAULT, complete_once, task, (GDestroyNotify) qio_task_free);
  g_source_remove (tag);
  g_assert_cmpint (freed, ==, 2);

  qio_task_free (NULL);
  g_assert_cmpint (object_get_references (source), ==, 1);
  object_unref (source);
  g_assert_cmpint (objects_alive (), ==, 0);
  g_assert_cmpint (errors_alive (), ==, 0);
}

static void
drop_nothing (QIOTask *task G_GNUC_UNUSED,
              gpointer opaque G_GNUC_UNUSED)
{
}

/* An error that nobody takes; a task that is about nothing. */
static void
test_not_taken (void)
{
  QIOTask *task = qio_task_new (NULL, drop_nothing, NULL, NULL);

  alarm (60);
  g_assert_null (qio_task_get_source (task));
  qio_task_set_error (task, error_new ("Not taken"));
  qio_task_complete (task);
  g_assert_cmpint (errors_alive (), ==, 0);
}

static void
take_fatally (QIOTask *task,
              gpointer opaque G_GNUC_UNUSED)
{
  qio_task_propagate_error (task, &error_fatal);
}

/* Where an error goes is for the host to look at. */
static void
test_fatal (void)
{
  QIOTask *task;

  alarm (60);
  if (!g_test_subprocess ())
    {
      g_test_trap_subprocess (NULL, 0, 0);
      g_test_trap_assert_failed ();
      g_test_trap_assert_stderr ("*fatal: Some error*");
      return;
    }
  qio_task_complete (qio_task_new (NULL, take_fatally, NULL, NULL));
  task = qio_task_new (NULL, take_fatally, NULL, NULL);
  qio_task_set_error (task, error_new ("Some error"));
  qio_task_complete (task);
}

int
main (int argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  host_install ();

#define add(path, message, test)                                                      \
  G_STMT_START                                                                        \
    {                                                                                 \
      static const Way ways[] = { { message, false }, { message, true } };            \
                                                                                      \
      g_test_add ("/qemu/" path, Fixture, &ways[0], set_up, test, tear_down);         \
      g_test_add ("/qemu/2026/" path, Fixture, &ways[1], set_up, test, tear_down);    \
    }                                                                                 \
  G_STMT_END
  add ("complete", NULL, test_complete);
  add ("datafree", NULL, test_datafree);
  add ("failure", "Some error", test_complete);
  add ("source_complete", NULL, test_source);
  add ("source_failure", "Some error", test_source);
  add ("thread_complete", NULL, test_thread);
  add ("thread_failure", "Some error", test_thread);
  add ("wait_complete", NULL, test_wait);
  add ("wait_failure", "Some error", test_wait);
  add ("cancel", "Cancelled", test_cancel);
#undef add
  g_test_add_func ("/qemu/2026/freed", test_freed);
  g_test_add_func ("/qemu/not-taken", test_not_taken);
  g_test_add_func ("/qemu/fatal", test_fatal);

  return g_test_run ();
}
