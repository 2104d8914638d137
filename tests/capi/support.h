/* SPDX-License-Identifier: MIT OR Apache-2.0 */

/* What the C tests share. */

#ifndef SUPPORT_H
#define SUPPORT_H

#include <qio-task.h>
#include <unistd.h>

/* Starts a case. One that hangs is killed by SIGALRM after a minute; under
 * valgrind no case takes a quarter of it. */
static inline void
no_longer_than_a_minute (void)
{
  alarm (60);
}

/* Starts a case that is to be a process of its own. In this one, says whether it has passed
 * there; in that one it goes on. */
static inline gboolean
passes_in_child (void)
{
  no_longer_than_a_minute ();
  if (g_test_subprocess ())
    return FALSE;
  g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_INHERIT_STDERR);
  g_test_trap_assert_passed ();
  return TRUE;
}

/* A gate that threads wait at until another opens it, for good. */
typedef struct
{
  GMutex mutex;
  GCond cond;
  gboolean is_open;
} Gate;

static inline void
gate_open (Gate *gate)
{
  g_mutex_lock (&gate->mutex);
  gate->is_open = TRUE;
  g_cond_broadcast (&gate->cond);
  g_mutex_unlock (&gate->mutex);
}

static inline void
gate_wait (Gate *gate)
{
  g_mutex_lock (&gate->mutex);
  while (!gate->is_open)
    g_cond_wait (&gate->cond, &gate->mutex);
  g_mutex_unlock (&gate->mutex);
}

/* Iterates @context until @count has come to @target. */
static inline void
iterate_until (GMainContext *context,
               gint *count,
               gint target)
{
  while (g_atomic_int_get (count) < target)
    g_main_context_iteration (context, TRUE);
}

/* Iterates @context until there is nothing left to do. */
static inline void
iterate_all (GMainContext *context)
{
  while (g_main_context_iteration (context, FALSE))
    ;
}

/* A GDestroyNotify that counts. */
static inline void
count_up (gpointer count)
{
  g_atomic_int_inc ((gint *) count);
}

/* The error of a task, which becomes the caller's. */
static inline GError *
take_error (QIOTask *task)
{
  gpointer error = NULL;
  gboolean had_error = qio_task_propagate_error (task, &error);

  g_assert_true (had_error == (error != NULL));
  return error;
}

/* The next thing that is logged is to be of @function and @argument. */
static inline void
expect_critical (const gchar *function,
                 const gchar *argument)
{
  gchar *pattern = g_strdup_printf ("*%s:*%s*", function, argument);

  g_test_expect_message ("qio-task", G_LOG_LEVEL_CRITICAL, pattern);
  g_free (pattern);
}

static inline void
make_fatal_again (gpointer levels)
{
  g_log_set_always_fatal ((GLogLevelFlags) GPOINTER_TO_INT (levels));
}

/* For a case in which a thread may come too late, and be told so: until its end
 * criticals are not fatal. To let fatal ones pass would not do: GLib tells the
 * harness that the case has failed. */
static inline void
survive_criticals (void)
{
  g_test_queue_destroy (make_fatal_again,
                        GINT_TO_POINTER (g_log_set_always_fatal (G_LOG_LEVEL_ERROR)));
}

/* What a refused call was given stays the caller's. */
static inline void
unexpected_destroy (gpointer data G_GNUC_UNUSED)
{
  g_assert_not_reached ();
}

/* A progress function that is never called. */
static inline void
unexpected_progress (QIOTask *task G_GNUC_UNUSED,
                     gdouble fraction G_GNUC_UNUSED,
                     gpointer opaque G_GNUC_UNUSED)
{
  g_assert_not_reached ();
}

/* A message function that is never called. */
static inline void
unexpected_message (QIOTask *task G_GNUC_UNUSED,
                    gpointer message G_GNUC_UNUSED,
                    gpointer opaque G_GNUC_UNUSED)
{
  g_assert_not_reached ();
}

/* What the function of a task has seen. */
typedef struct
{
  gint calls;
  gint freed;
  GThread *thread;
  gpointer source;
  gpointer result;
  GError *error;
} Ending;

static inline void
ending_func (QIOTask *task,
             gpointer opaque)
{
  Ending *ending = opaque;

  g_assert_cmpint (ending->freed, ==, 0);
  ending->thread = g_thread_self ();
  ending->source = qio_task_get_source (task);
  ending->result = qio_task_get_result_pointer (task);
  ending->error = take_error (task);
  g_atomic_int_inc (&ending->calls);
}

static inline void
ending_freed (gpointer opaque)
{
  Ending *ending = opaque;

  g_assert_cmpint (ending->calls, ==, 1);
  g_atomic_int_inc (&ending->freed);
}

/* A task that reports to @ending. */
static inline QIOTask *
ending_task (Ending *ending,
             gpointer source)
{
  return qio_task_new (source, ending_func, ending, ending_freed);
}

/* Asserts that the task has ended once, with no error. */
#define assert_ended_well(ending)                     \
  G_STMT_START                                        \
    {                                                 \
      g_assert_no_error ((ending)->error);            \
      g_assert_cmpint ((ending)->calls, ==, 1);       \
      g_assert_cmpint ((ending)->freed, ==, 1);       \
    }                                                 \
  G_STMT_END

/* Asserts that the task has ended once, with this error of GIO's; frees it. */
#define assert_ended_with(ending, code)                             \
  G_STMT_START                                                      \
    {                                                               \
      g_assert_error ((ending)->error, G_IO_ERROR, code);           \
      g_clear_error (&(ending)->error);                             \
      g_assert_cmpint ((ending)->calls, ==, 1);                     \
      g_assert_cmpint ((ending)->freed, ==, 1);                     \
    }                                                               \
  G_STMT_END

/* A worker that returns at once. */
static inline void
no_work (QIOTask *task G_GNUC_UNUSED,
         gpointer opaque G_GNUC_UNUSED)
{
}

/* Whether each task is a GTask, with the backend gtask. */
static inline gboolean
has_gtasks (void)
{
  Ending ending = { 0 };
  QIOTask *task = ending_task (&ending, NULL);
  gboolean has = qio_task_get_async_result (task) != NULL;

  qio_task_complete (task);
  assert_ended_well (&ending);
  iterate_all (NULL);
  return has;
}

#endif /* SUPPORT_H */
