/* SPDX-License-Identifier: MIT OR Apache-2.0 */

/* In which order a task that has ended frees what it holds, and that all of it
 * is freed on the thread that its function was called on. */

#include "support.h"

/* What has been called, in order. All that a task frees has its name as its
 * data, so that one hook serves them all. */
static GString *events;
static GThread *completing;
static GMutex lock;

typedef struct
{
  GMainContext *context;
} Fixture;

static void
note (gpointer name)
{
  g_mutex_lock (&lock);
  if (completing == NULL)
    completing = g_thread_self ();
  g_assert_true (g_thread_self () == completing);
  g_string_append_printf (events, "%s%s", events->len > 0 ? ", " : "", (const gchar *) name);
  g_mutex_unlock (&lock);
}

static void
assert_noted (const gchar *expected)
{
  g_assert_cmpstr (events->str, ==, expected);
}

static gpointer
ref_source (gpointer source)
{
  return source;
}

static void
propagate_error (gpointer *dest,
                 gpointer error)
{
  if (dest != NULL)
    *dest = error;
  else
    note (error);
}

static gpointer
new_error (const GError *error)
{
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CLOSED);
  return "abandoned";
}

/* The context is not in the hands of a hook: it says that it is gone by
 * freeing the data of a source that is never ready. */
static GMainContext *
new_context (void)
{
  GMainContext *context = g_main_context_new ();
  GSource *source = g_timeout_source_new (G_MAXUINT);

  g_source_set_callback (source, (GSourceFunc) (GCallback) note, "context", note);
  g_source_attach (source, context);
  g_source_unref (source);
  return context;
}

static void
func (QIOTask *task G_GNUC_UNUSED,
      gpointer opaque G_GNUC_UNUSED)
{
  note ("called");
}

static void
progress_func (QIOTask *task G_GNUC_UNUSED,
               gdouble fraction G_GNUC_UNUSED,
               gpointer opaque G_GNUC_UNUSED)
{
  g_assert_not_reached ();
}

static void
set_outcome (QIOTask *task,
             gpointer opaque G_GNUC_UNUSED)
{
  qio_task_set_result_pointer (task, "result", note);
  qio_task_set_error (task, "error");
}

static QIOTask *
new_task (void)
{
  QIOTask *task = qio_task_new ("source", func, "opaque", note);

  qio_task_set_progress_func (task, progress_func, "progress", note);
  qio_task_set_message_func (task, 1, unexpected_message, "messages", note);
  return task;
}

/* One that takes a reference on @context as it is made. */
static QIOTask *
new_task_of (GMainContext *context)
{
  QIOTask *task;

  g_main_context_push_thread_default (context);
  task = new_task ();
  set_outcome (task, NULL);
  g_main_context_pop_thread_default (context);
  return task;
}

static void
set_up (Fixture *fixture,
        gconstpointer data G_GNUC_UNUSED)
{
  no_longer_than_a_minute ();
  events = g_string_new (NULL);
  completing = NULL;
  fixture->context = new_context ();
}

static void
tear_down (Fixture *fixture G_GNUC_UNUSED,
           gconstpointer data G_GNUC_UNUSED)
{
  g_string_free (events, TRUE);
}

static void
test_complete (Fixture *fixture,
               gconstpointer data G_GNUC_UNUSED)
{
  QIOTask *task = new_task_of (fixture->context);

  g_main_context_unref (fixture->context);
  assert_noted ("");
  qio_task_complete (task);
  assert_noted ("called, progress, messages, context, opaque, result, error, source");
}

/* One that nothing else was ever done with. */
static void
test_plain (Fixture *fixture,
            gconstpointer data G_GNUC_UNUSED)
{
  QIOTask *task;

  g_main_context_push_thread_default (fixture->context);
  task = qio_task_new ("source", func, "opaque", note);
  g_main_context_pop_thread_default (fixture->context);
  g_main_context_unref (fixture->context);
  assert_noted ("");
  qio_task_complete (task);
  assert_noted ("called, context, opaque, source");
}

/* One that is freed is not called. */
static void
test_free (Fixture *fixture,
           gconstpointer data G_GNUC_UNUSED)
{
  QIOTask *task = new_task_of (fixture->context);

  g_main_context_unref (fixture->context);
  assert_noted ("");
  qio_task_free (task);
  assert_noted ("progress, messages, context, opaque, result, error, source");
}

static void
test_free_plain (Fixture *fixture,
                 gconstpointer data G_GNUC_UNUSED)
{
  QIOTask *task;

  g_main_context_push_thread_default (fixture->context);
  task = qio_task_new ("source", func, "opaque", note);
  g_main_context_pop_thread_default (fixture->context);
  g_main_context_unref (fixture->context);
  qio_task_free (task);
  assert_noted ("context, opaque, source");
}

/* What is queued for it holds nothing of it. */
static void
test_free_cancelled (Fixture *fixture,
                     gconstpointer data G_GNUC_UNUSED)
{
  QIOTask *task = new_task_of (fixture->context);

  qio_task_cancel (task);
  g_main_context_unref (fixture->context);
  assert_noted ("");
  qio_task_free (task);
  assert_noted ("progress, messages, context, opaque, result, error, source");
}

static gpointer
complete (gpointer task)
{
  qio_task_complete (task);
  return g_thread_self ();
}

static gpointer
free_task (gpointer task)
{
  qio_task_free (task);
  return g_thread_self ();
}

static void
test_free_elsewhere (Fixture *fixture,
                     gconstpointer data G_GNUC_UNUSED)
{
  QIOTask *task = new_task_of (fixture->context);
  GThread *thread;

  qio_task_cancel (task);
  g_main_context_unref (fixture->context);
  thread = g_thread_new ("frees", free_task, task);
  g_assert_true (g_thread_join (thread) == completing);
  assert_noted ("progress, messages, context, opaque, result, error, source");
}

static void
test_complete_elsewhere (Fixture *fixture,
                         gconstpointer data G_GNUC_UNUSED)
{
  QIOTask *task = new_task_of (fixture->context);
  GThread *thread;

  g_main_context_unref (fixture->context);
  thread = g_thread_new ("completes", complete, task);
  g_assert_true (g_thread_join (thread) == completing);
  assert_noted ("called, progress, messages, context, opaque, result, error, source");
}

/* The context can't go in its own iteration. That nobody holds it any more
 * shows as soon as the test lets go of it. */
static void
assert_noted_in_iteration (GMainContext *context,
                           const gchar *expected)
{
  gchar *all = g_strdup_printf ("%s, context", expected);

  while (events->len == 0)
    g_main_context_iteration (context, TRUE);
  assert_noted (expected);
  g_main_context_unref (context);
  assert_noted (all);
  g_free (all);
}

static void
test_idle (Fixture *fixture,
           gconstpointer data G_GNUC_UNUSED)
{
  qio_task_complete_in_idle (new_task_of (fixture->context));
  assert_noted ("");
  assert_noted_in_iteration (fixture->context, "called, progress, messages, opaque, result, error, source");
}

static void
test_abandon (Fixture *fixture,
              gconstpointer data G_GNUC_UNUSED)
{
  QIOTask *task;

  g_main_context_push_thread_default (fixture->context);
  task = new_task ();
  g_main_context_pop_thread_default (fixture->context);
  qio_task_abandon (task);
  assert_noted ("");
  assert_noted_in_iteration (fixture->context, "called, progress, messages, opaque, abandoned, source");
}

static void
test_thread (Fixture *fixture,
             gconstpointer data G_GNUC_UNUSED)
{
  qio_task_run_in_thread (new_task (), set_outcome, "worker", note, fixture->context);
  assert_noted_in_iteration (fixture->context,
                             "called, worker, progress, messages, opaque, result, error, source");
}

static void
test_wait (Fixture *fixture,
           gconstpointer data G_GNUC_UNUSED)
{
  QIOTask *task = new_task ();

  qio_task_run_in_thread (task, set_outcome, "worker", note, fixture->context);
  g_main_context_unref (fixture->context);
  assert_noted ("");
  qio_task_wait_thread (task);
  assert_noted ("called, worker, progress, messages, context, opaque, result, error, source");
}

int
main (int argc,
      char **argv)
{
  static const QIOTaskHost host = { ref_source, note, propagate_error, note, new_error };

  g_test_init (&argc, &argv, NULL);
  qio_task_set_host (&host);

#define add(path, test) g_test_add (path, Fixture, NULL, set_up, test, tear_down)
  add ("/free-order/complete", test_complete);
  add ("/free-order/plain", test_plain);
  add ("/free-order/complete-elsewhere", test_complete_elsewhere);
  add ("/free-order/free", test_free);
  add ("/free-order/free-plain", test_free_plain);
  add ("/free-order/free-cancelled", test_free_cancelled);
  add ("/free-order/free-elsewhere", test_free_elsewhere);
  add ("/free-order/idle", test_idle);
  add ("/free-order/abandon", test_abandon);
  add ("/free-order/thread", test_thread);
  add ("/free-order/wait", test_wait);
#undef add

  return g_test_run ();
}
