/* SPDX-License-Identifier: MIT OR Apache-2.0 */

/* Tasks that belong together: each is as without a group, which can cancel them, let no more in,
 * hold back their workers, and tell when all are over. */

#include "support.h"

#ifdef G_OS_UNIX
#include <pthread.h>
#endif

/* Workers that stand together until they are let go, one after the other. */
typedef struct
{
  GMutex mutex;
  GCond cond;
  gint started;
  gint let_go;
  gint returned;
  gint most;
} Crowd;

static void
crowd_work (QIOTask *task G_GNUC_UNUSED,
            gpointer opaque)
{
  Crowd *crowd = opaque;

  g_mutex_lock (&crowd->mutex);
  crowd->started++;
  crowd->most = MAX (crowd->most, crowd->started - crowd->returned);
  g_cond_broadcast (&crowd->cond);
  while (crowd->let_go == crowd->returned)
    g_cond_wait (&crowd->cond, &crowd->mutex);
  crowd->returned++;
  g_mutex_unlock (&crowd->mutex);
}

static void
crowd_wait (Crowd *crowd,
            gint started)
{
  g_mutex_lock (&crowd->mutex);
  while (crowd->started < started)
    g_cond_wait (&crowd->cond, &crowd->mutex);
  g_mutex_unlock (&crowd->mutex);
}

static void
crowd_let_go (Crowd *crowd,
              gint count)
{
  g_mutex_lock (&crowd->mutex);
  crowd->let_go += count;
  g_cond_broadcast (&crowd->cond);
  g_mutex_unlock (&crowd->mutex);
}

/* A worker that begins, and may end. */
typedef struct
{
  Gate has_begun;
  Gate may_end;
  gint has_returned;
} Work;

static void
work (QIOTask *task G_GNUC_UNUSED,
      gpointer opaque)
{
  Work *data = opaque;

  gate_open (&data->has_begun);
  gate_wait (&data->may_end);
  g_atomic_int_set (&data->has_returned, TRUE);
}

static void
unexpected_work (QIOTask *task G_GNUC_UNUSED,
                 gpointer opaque G_GNUC_UNUSED)
{
  g_assert_not_reached ();
}

/* A task of the group that reports to @ending. */
static QIOTask *
member (QIOGroup *group,
        Ending *ending)
{
  QIOTask *task = ending_task (ending, NULL);

  qio_task_set_group (task, group);
  return task;
}

/* What the function for the end of a group has seen. */
typedef struct
{
  gint calls;
  gint freed;
  GThread *thread;
  GMainContext *context;
  QIOGroup *group;
  GError *error;
} GroupEnd;

static void
group_ended (QIOGroup *group,
             const GError *error,
             gpointer opaque)
{
  GroupEnd *end = opaque;

  g_assert_cmpint (end->freed, ==, 0);
  g_assert_true (qio_group_is_empty (group));
  end->thread = g_thread_self ();
  end->context = g_main_context_get_thread_default ();
  end->group = group;
  end->error = error == NULL ? NULL : g_error_copy (error);
  g_atomic_int_inc (&end->calls);
}

static void
group_end_freed (gpointer opaque)
{
  GroupEnd *end = opaque;

  g_atomic_int_inc (&end->freed);
}

static void
hear_of_end (QIOGroup *group,
             GroupEnd *end)
{
  qio_group_set_ended_func (group, group_ended, end, group_end_freed);
}

static void
unexpected_end (QIOGroup *group G_GNUC_UNUSED,
                const GError *error G_GNUC_UNUSED,
                gpointer opaque G_GNUC_UNUSED)
{
  g_assert_not_reached ();
}

/* Waits for the end of a group that had no error. */
static void
assert_group_ends_well (GroupEnd *end)
{
  iterate_until (g_main_context_get_thread_default (), &end->freed, 1);
  iterate_all (g_main_context_get_thread_default ());
  g_assert_cmpint (end->calls, ==, 1);
  g_assert_cmpint (end->freed, ==, 1);
  g_assert_no_error (end->error);
}

/* And of one that had. */
#define assert_group_ends_with(end, code)                 \
  G_STMT_START                                            \
    {                                                     \
      iterate_until (NULL, &(end)->freed, 1);             \
      g_assert_cmpint ((end)->calls, ==, 1);              \
      g_assert_error ((end)->error, G_IO_ERROR, code);    \
      g_clear_error (&(end)->error);                      \
    }                                                     \
  G_STMT_END

/* What a member is */

static void
test_by_hand (void)
{
  g_autoptr (QIOGroup) group = qio_group_new ();
  Ending endings[2] = { 0 };
  QIOTask *tasks[2];

  no_longer_than_a_minute ();
  g_assert_true (qio_group_is_empty (group));
  for (gint i = 0; i < 2; i++)
    {
      tasks[i] = member (group, &endings[i]);
      g_assert_cmpuint (qio_group_get_n_tasks (group), ==, i + 1);
    }
  g_assert_false (qio_group_is_empty (group));
  qio_task_set_result_pointer (tasks[0], &endings, NULL);
  qio_task_complete (tasks[0]);
  assert_ended_well (&endings[0]);
  g_assert_true (endings[0].result == &endings);
  g_assert_cmpuint (qio_group_get_n_tasks (group), ==, 1);
  qio_task_complete_in_idle (tasks[1]);
  g_assert_cmpuint (qio_group_get_n_tasks (group), ==, 1);
  iterate_until (NULL, &endings[1].freed, 1);
  assert_ended_well (&endings[1]);
  iterate_all (NULL);
  g_assert_true (qio_group_is_empty (group));
}

static void
test_worker (gconstpointer is_waited_for)
{
  g_autoptr (QIOGroup) group = qio_group_new ();
  Ending ending = { 0 };
  QIOTask *task = member (group, &ending);

  no_longer_than_a_minute ();
  qio_task_run_in_thread (task, no_work, NULL, NULL, NULL);
  if (is_waited_for != NULL)
    qio_task_wait_thread (task);
  else
    iterate_until (NULL, &ending.freed, 1);
  assert_ended_well (&ending);
  iterate_all (NULL);
  g_assert_true (qio_group_is_empty (group));
}

static void
test_freed (void)
{
  g_autoptr (QIOGroup) group = qio_group_new ();
  gint freed = 0;
  QIOTask *task = qio_task_new (NULL, unexpected_work, &freed, count_up);

  no_longer_than_a_minute ();
  qio_task_set_group (task, group);
  qio_task_free (task);
  g_assert_cmpint (freed, ==, 1);
  g_assert_true (qio_group_is_empty (group));
}

/* It was made for one context, and its worker's task ends on another. */
static void
test_moved (void)
{
  g_autoptr (QIOGroup) group = qio_group_new ();
  GMainContext *context = g_main_context_new ();
  GroupEnd end = { 0 };
  Ending ending = { 0 };
  Work data = { 0 };
  QIOTask *task = member (group, &ending);

  no_longer_than_a_minute ();
  hear_of_end (group, &end);
  qio_task_run_in_thread (task, work, &data, NULL, context);
  g_assert_cmpuint (qio_group_get_n_tasks (group), ==, 1);
  gate_wait (&data.has_begun);
  iterate_all (NULL);
  g_assert_cmpint (end.calls, ==, 0);
  gate_open (&data.may_end);
  iterate_until (context, &ending.freed, 1);
  assert_ended_well (&ending);
  assert_group_ends_well (&end);
  g_main_context_unref (context);
}

static void
test_moved_when_cancelled (void)
{
  g_autoptr (QIOGroup) group = qio_group_new ();
  GMainContext *context = g_main_context_new ();
  Ending ending = { 0 };
  QIOTask *task = member (group, &ending);
  gint freed = 0;

  no_longer_than_a_minute ();
  qio_group_cancel (group);
  qio_task_run_in_thread (task, unexpected_work, &freed, count_up, context);
  iterate_until (context, &ending.freed, 1);
  g_assert_cmpint (freed, ==, 1);
  assert_ended_with (&ending, G_IO_ERROR_CANCELLED);
  iterate_all (NULL);
  g_assert_true (qio_group_is_empty (group));
  g_main_context_unref (context);
}

/* While another thread cancels the group: that knows all members by then, and comes to this one
 * when it has moved. */
typedef struct
{
  Gate has_begun;
  Gate is_cancelling;
  Gate has_moved;
} Cancelling;

static void
hold_up (GCancellable *cancellable G_GNUC_UNUSED,
         Cancelling *cancelling)
{
  gate_open (&cancelling->is_cancelling);
  gate_wait (&cancelling->has_moved);
}

static void
hold_cancelling_up (QIOTask *task,
                    gpointer opaque)
{
  Cancelling *cancelling = opaque;
  GCancellable *cancellable = qio_task_get_cancellable (task);

  g_signal_connect (cancellable, "cancelled", G_CALLBACK (hold_up), cancelling);
  gate_open (&cancelling->has_begun);
  gate_wait (&cancelling->has_moved);
}

static gpointer
cancel_group (gpointer group)
{
  qio_group_cancel (group);
  return NULL;
}

static void
test_moved_amid_cancelling (gconstpointer is_nested)
{
  g_autoptr (QIOGroup) outer = qio_group_new ();
  g_autoptr (QIOGroup) group = is_nested ? qio_group_new_within (outer) : qio_group_ref (outer);
  GMainContext *context = g_main_context_new ();
  Cancelling cancelling = { 0 };
  Ending endings[2] = { 0 };
  QIOTask *first = member (group, &endings[0]);
  QIOTask *last;
  GThread *thread;

  no_longer_than_a_minute ();
  qio_task_run_in_thread (first, hold_cancelling_up, &cancelling, NULL, NULL);
  last = member (group, &endings[1]);
  gate_wait (&cancelling.has_begun);
  thread = g_thread_new ("cancels", cancel_group, outer);
  gate_wait (&cancelling.is_cancelling);
  qio_task_run_in_thread (last, unexpected_work, NULL, NULL, context);
  gate_open (&cancelling.has_moved);
  g_thread_join (thread);
  iterate_until (context, &endings[1].freed, 1);
  assert_ended_with (&endings[1], G_IO_ERROR_CANCELLED);
  iterate_until (NULL, &endings[0].freed, 1);
  assert_ended_with (&endings[0], G_IO_ERROR_CANCELLED);
  iterate_all (context);
  /* The first one's worker may be about to return. */
  g_assert_true (qio_group_wait (outer, NULL));
  g_assert_true (qio_group_is_empty (outer));
  g_main_context_unref (context);
}

/* A task whose function was called before is in no group for long. */
static void
test_ended_before (void)
{
  g_autoptr (QIOGroup) group = qio_group_new ();
  Ending ending = { 0 };
  QIOTask *task = ending_task (&ending, NULL);

  no_longer_than_a_minute ();
  qio_task_cancel (task);
  iterate_until (NULL, &ending.calls, 1);
  iterate_all (NULL);
  qio_task_set_group (task, group);
  g_assert_true (qio_group_is_empty (group));
  qio_task_complete (task);
  assert_ended_with (&ending, G_IO_ERROR_CANCELLED);
}

/* Limits */

static void
test_limit (gconstpointer dedicated)
{
  enum { TASKS = 8, LIMIT = 2 };
  g_autoptr (QIOGroup) group = qio_group_new ();
  Ending endings[TASKS] = { 0 };
  Crowd crowd = { 0 };

  no_longer_than_a_minute ();
  g_assert_cmpuint (qio_group_get_max_threads (group), ==, 0);
  qio_group_set_max_threads (group, LIMIT);
  g_assert_cmpuint (qio_group_get_max_threads (group), ==, LIMIT);
  for (gint i = 0; i < TASKS; i++)
    {
      QIOTask *task = member (group, &endings[i]);

      qio_task_set_dedicated_thread (task, dedicated != NULL);
      qio_task_run_in_thread (task, crowd_work, &crowd, NULL, NULL);
    }
  for (gint i = 0; i < TASKS; i++)
    {
      crowd_wait (&crowd, MIN (i + LIMIT, TASKS));
      crowd_let_go (&crowd, 1);
    }
  for (gint i = 0; i < TASKS; i++)
    {
      iterate_until (NULL, &endings[i].freed, 1);
      assert_ended_well (&endings[i]);
    }
  g_assert_cmpint (crowd.most, ==, LIMIT);
}

static void
test_limit_raised (void)
{
  enum { TASKS = 3 };
  g_autoptr (QIOGroup) group = qio_group_new ();
  Ending endings[TASKS] = { 0 };
  Crowd crowd = { 0 };

  no_longer_than_a_minute ();
  qio_group_set_max_threads (group, 1);
  for (gint i = 0; i < TASKS; i++)
    qio_task_run_in_thread (member (group, &endings[i]), crowd_work, &crowd, NULL, NULL);
  crowd_wait (&crowd, 1);
  qio_group_set_max_threads (group, G_MAXUINT);
  g_assert_cmpuint (qio_group_get_max_threads (group), ==, G_MAXUINT);
  crowd_wait (&crowd, TASKS);
  crowd_let_go (&crowd, TASKS);
  for (gint i = 0; i < TASKS; i++)
    iterate_until (NULL, &endings[i].freed, 1);
}

/* A worker that waits for its place never has one. */
static void
test_cancelled_while_it_waits (void)
{
  g_autoptr (QIOGroup) group = qio_group_new ();
  Ending first = { 0 };
  Ending second = { 0 };
  Work data = { 0 };
  QIOTask *task;
  gint freed = 0;

  no_longer_than_a_minute ();
  qio_group_set_max_threads (group, 1);
  qio_task_run_in_thread (member (group, &first), work, &data, NULL, NULL);
  gate_wait (&data.has_begun);
  task = member (group, &second);
  qio_task_run_in_thread (task, unexpected_work, &freed, count_up, NULL);
  qio_task_cancel (task);
  iterate_until (NULL, &second.freed, 1);
  g_assert_cmpint (freed, ==, 1);
  assert_ended_with (&second, G_IO_ERROR_CANCELLED);
  g_assert_cmpuint (qio_group_get_n_tasks (group), ==, 1);
  gate_open (&data.may_end);
  iterate_until (NULL, &first.freed, 1);
  assert_ended_well (&first);
}

typedef struct
{
  QIOGroup *group;
  Ending inner;
} Outer;

static void
wait_for_another (QIOTask *task G_GNUC_UNUSED,
                  gpointer opaque)
{
  Outer *outer = opaque;
  QIOTask *other = member (outer->group, &outer->inner);

  qio_task_run_in_thread (other, no_work, NULL, NULL, NULL);
  qio_task_wait_thread (other);
}

/* A worker that waits for another lends it its place. */
static void
test_lends (void)
{
  g_autoptr (QIOGroup) group = qio_group_new ();
  Ending ending = { 0 };
  Outer outer = { .group = group };

  no_longer_than_a_minute ();
  qio_group_set_max_threads (group, 1);
  qio_task_run_in_thread (member (group, &ending), wait_for_another, &outer, NULL, NULL);
  iterate_until (NULL, &ending.freed, 1);
  assert_ended_well (&ending);
  assert_ended_well (&outer.inner);
  iterate_all (NULL);
}

/* Cancelling */

static void
work_until_cancelled (QIOTask *task,
                      gpointer opaque)
{
  Work *data = opaque;
  GPollFD fd;

  g_assert_true (g_cancellable_make_pollfd (qio_task_get_cancellable (task), &fd));
  gate_open (&data->has_begun);
  while (!g_cancellable_is_cancelled (qio_task_get_cancellable (task)))
    g_poll (&fd, 1, -1);
  g_cancellable_release_fd (qio_task_get_cancellable (task));
  g_assert_true (qio_task_is_cancelled (task));
  g_atomic_int_set (&data->has_returned, TRUE);
}

static void
test_cancel (void)
{
  g_autoptr (QIOGroup) group = qio_group_new ();
  Ending at_work = { 0 };
  Ending by_hand = { 0 };
  Ending later = { 0 };
  Work data = { 0 };
  QIOTask *task;

  no_longer_than_a_minute ();
  qio_task_run_in_thread (member (group, &at_work), work_until_cancelled, &data, NULL, NULL);
  task = member (group, &by_hand);
  gate_wait (&data.has_begun);
  qio_group_cancel (group);
  iterate_until (NULL, &by_hand.calls, 1);
  qio_task_complete (task);
  iterate_until (NULL, &at_work.freed, 1);
  g_assert_true (g_atomic_int_get (&data.has_returned));
  assert_ended_with (&at_work, G_IO_ERROR_CANCELLED);
  assert_ended_with (&by_hand, G_IO_ERROR_CANCELLED);
  qio_task_complete (member (group, &later));
  assert_ended_well (&later);
  g_assert_true (qio_group_is_empty (group));
}

/* How a group is to let no more in. */
static void
test_refused (gconstpointer is_closed)
{
  g_autoptr (QIOGroup) group = qio_group_new ();
  Ending before = { 0 };
  Ending worker = { 0 };
  Ending by_hand = { 0 };
  QIOTask *held = member (group, &before);
  QIOTask *task;
  gint freed = 0;

  no_longer_than_a_minute ();
  g_assert_false (qio_group_is_closed (group));
  if (is_closed != NULL)
    qio_group_close (group);
  else
    qio_group_finish (group);
  g_assert_true (qio_group_is_closed (group));
  g_assert_true (qio_task_is_cancelled (held) == (is_closed != NULL));
  qio_task_run_in_thread (member (group, &worker), unexpected_work, &freed, count_up, NULL);
  task = member (group, &by_hand);
  iterate_until (NULL, &by_hand.calls, 1);
  iterate_until (NULL, &worker.freed, 1);
  g_assert_cmpint (freed, ==, 1);
  assert_ended_with (&worker, G_IO_ERROR_CANCELLED);
  qio_task_complete (task);
  assert_ended_with (&by_hand, G_IO_ERROR_CANCELLED);
  qio_task_complete (held);
  if (is_closed != NULL)
    assert_ended_with (&before, G_IO_ERROR_CANCELLED);
  else
    assert_ended_well (&before);
  iterate_all (NULL);
  g_assert_true (qio_group_is_empty (group));
}

static void
test_close_on_dispose (void)
{
  g_autoptr (QIOGroup) group = qio_group_new ();
  GObject *object = g_object_new (G_TYPE_OBJECT, NULL);
  Ending ending = { 0 };
  Ending later = { 0 };
  QIOTask *task = member (group, &ending);

  no_longer_than_a_minute ();
  qio_group_close_on_dispose (group, object);
  g_assert_cmpuint (object->ref_count, ==, 1);
  g_assert_false (qio_task_is_cancelled (task));
  g_object_unref (object);
  g_assert_true (qio_task_is_cancelled (task));
  qio_task_complete (task);
  assert_ended_with (&ending, G_IO_ERROR_CANCELLED);
  task = member (group, &later);
  g_assert_true (qio_task_is_cancelled (task));
  qio_task_complete (task);
  assert_ended_with (&later, G_IO_ERROR_CANCELLED);
  iterate_all (NULL);
}

static void
test_dispose_after_group (void)
{
  QIOGroup *group = qio_group_new ();
  GObject *object = g_object_new (G_TYPE_OBJECT, NULL);

  no_longer_than_a_minute ();
  qio_group_close_on_dispose (group, object);
  qio_group_unref (group);
  g_object_unref (object);
}

/* The end */

/* Of a task that was cancelled, and ended long ago for who has called it. */
static void
test_late_worker (void)
{
  g_autoptr (QIOGroup) group = qio_group_new ();
  GroupEnd end = { 0 };
  Ending ending = { 0 };
  Work data = { 0 };

  no_longer_than_a_minute ();
  qio_task_run_in_thread (member (group, &ending), work, &data, NULL, NULL);
  hear_of_end (group, &end);
  gate_wait (&data.has_begun);
  qio_group_close (group);
  iterate_until (NULL, &ending.calls, 1);
  iterate_all (NULL);
  g_assert_cmpint (end.calls, ==, 0);
  g_assert_cmpuint (qio_group_get_n_tasks (group), ==, 1);
  gate_open (&data.may_end);
  assert_group_ends_well (&end);
  g_assert_true (g_atomic_int_get (&data.has_returned));
  g_assert_true (end.thread == g_thread_self ());
  g_assert_true (end.group == group);
  assert_ended_with (&ending, G_IO_ERROR_CANCELLED);
}

static void
test_ended_on_context (void)
{
  g_autoptr (QIOGroup) group = qio_group_new ();
  GMainContext *context = g_main_context_new ();
  GroupEnd end = { 0 };
  GroupEnd again = { 0 };
  Ending ending = { 0 };
  QIOTask *task = member (group, &ending);

  no_longer_than_a_minute ();
  g_main_context_push_thread_default (context);
  hear_of_end (group, &end);
  g_main_context_pop_thread_default (context);
  qio_task_complete (task);
  iterate_all (NULL);
  g_assert_cmpint (end.calls, ==, 0);
  g_main_context_push_thread_default (context);
  assert_group_ends_well (&end);
  g_assert_true (end.context == context);
  /* There is no task now. */
  hear_of_end (group, &again);
  g_assert_cmpint (again.calls, ==, 0);
  assert_group_ends_well (&again);
  g_main_context_pop_thread_default (context);
  g_main_context_unref (context);
}

static void
test_ended_func_replaced (void)
{
  g_autoptr (QIOGroup) group = qio_group_new ();
  GroupEnd end = { 0 };
  Ending ending = { 0 };
  QIOTask *task = member (group, &ending);
  gint freed = 0;

  no_longer_than_a_minute ();
  qio_group_set_ended_func (group, unexpected_end, &freed, count_up);
  qio_group_set_ended_func (group, unexpected_end, &freed, count_up);
  g_assert_cmpint (freed, ==, 1);
  hear_of_end (group, &end);
  g_assert_cmpint (freed, ==, 2);
  qio_task_complete (task);
  g_assert_cmpint (end.calls, ==, 0);
  assert_group_ends_well (&end);
  g_assert_cmpint (freed, ==, 2);
}

static void
test_ended_func_of_dead_context (void)
{
  QIOGroup *group = qio_group_new ();
  GMainContext *context = g_main_context_new ();
  Ending ending = { 0 };
  QIOTask *task = member (group, &ending);
  gint freed = 0;

  no_longer_than_a_minute ();
  g_main_context_push_thread_default (context);
  qio_group_set_ended_func (group, unexpected_end, &freed, count_up);
  g_main_context_pop_thread_default (context);
  g_main_context_unref (context);
  g_assert_cmpint (freed, ==, 1);
  qio_task_complete (task);
  iterate_all (NULL);
  qio_group_unref (group);
  expect_critical ("qio_group_cancel", "group has not been freed");
  qio_group_cancel (group);
  g_test_assert_expected_messages ();
}

/* Errors */

/* How a task comes to fail. */
typedef enum
{
  BY_WORKER,
  BY_HAND,
  IN_IDLE,
  ABANDONED_WITH_ERROR,
#ifdef G_OS_UNIX
  BY_ENDED_THREAD,
#endif
  ABANDONED,
  TIMED_OUT
} Failure;

static void
set_busy (QIOTask *task)
{
  qio_task_set_error (task, g_error_new (G_IO_ERROR, G_IO_ERROR_BUSY, "Busy, busy"));
}

static void
fail (QIOTask *task,
      gpointer opaque G_GNUC_UNUSED)
{
  set_busy (task);
}

#ifdef G_OS_UNIX
static void
fail_and_end_thread (QIOTask *task,
                     gpointer opaque G_GNUC_UNUSED)
{
  set_busy (task);
  pthread_exit (NULL);
}
#endif

static void
end_by (QIOTask *task,
        Failure failure)
{
  switch (failure)
    {
    case BY_WORKER:
      qio_task_run_in_thread (task, fail, NULL, NULL, NULL);
      break;
    case BY_HAND:
      set_busy (task);
      qio_task_complete (task);
      break;
    case IN_IDLE:
      set_busy (task);
      qio_task_complete_in_idle (task);
      break;
    case ABANDONED_WITH_ERROR:
      set_busy (task);
      qio_task_abandon (task);
      break;
#ifdef G_OS_UNIX
    case BY_ENDED_THREAD:
      qio_task_run_in_thread (task, fail_and_end_thread, NULL, NULL, NULL);
      break;
#endif
    case ABANDONED:
      qio_task_abandon (task);
      break;
    case TIMED_OUT:
      break;
    }
}

static void
test_error (gconstpointer opaque)
{
  Failure failure = GPOINTER_TO_INT (opaque);
  gint code = failure == TIMED_OUT   ? G_IO_ERROR_TIMED_OUT
              : failure == ABANDONED ? G_IO_ERROR_CLOSED
                                     : G_IO_ERROR_BUSY;
  g_autoptr (QIOGroup) outer = qio_group_new ();
  g_autoptr (QIOGroup) group = qio_group_new_within (outer);
  GroupEnd end = { 0 };
  GroupEnd outer_end = { 0 };
  Ending ending = { 0 };
  QIOTask *task;

  no_longer_than_a_minute ();
  task = qio_task_new_full (NULL, NULL, "fails", G_PRIORITY_DEFAULT_IDLE, failure == TIMED_OUT,
                            ending_func, &ending, ending_freed);
  qio_task_set_group (task, group);
  hear_of_end (group, &end);
  hear_of_end (outer, &outer_end);
  end_by (task, failure);
  iterate_until (NULL, &ending.calls, 1);
  if (failure == TIMED_OUT)
    qio_task_complete (task);
  iterate_until (NULL, &ending.freed, 1);
  assert_ended_with (&ending, code);
  iterate_until (NULL, &end.calls, 1);
  if (code == G_IO_ERROR_BUSY)
    g_assert_cmpstr (end.error->message, ==, "Busy, busy");
  assert_group_ends_with (&end, code);
  assert_group_ends_with (&outer_end, code);
}

/* A task that was cancelled is none. */
static void
test_first_error (void)
{
  g_autoptr (QIOGroup) group = qio_group_new ();
  GroupEnd end = { 0 };
  Ending endings[4] = { 0 };
  QIOTask *tasks[4];

  no_longer_than_a_minute ();
  for (gint i = 0; i < 4; i++)
    tasks[i] = member (group, &endings[i]);
  qio_task_cancel (tasks[0]);
  set_busy (tasks[0]);
  qio_task_complete (tasks[0]);
  assert_ended_with (&endings[0], G_IO_ERROR_CANCELLED);
  qio_task_complete (tasks[1]);
  set_busy (tasks[2]);
  qio_task_complete (tasks[2]);
  assert_ended_with (&endings[2], G_IO_ERROR_BUSY);
  hear_of_end (group, &end);
  qio_task_set_error (tasks[3], g_error_new (G_IO_ERROR, G_IO_ERROR_EXISTS, "Exists"));
  qio_task_complete (tasks[3]);
  assert_ended_with (&endings[3], G_IO_ERROR_EXISTS);
  assert_group_ends_with (&end, G_IO_ERROR_BUSY);
}

static gpointer
keep (gpointer source)
{
  return source;
}

static void
let_go (gpointer source G_GNUC_UNUSED)
{
}

static void
move_words (gpointer *dest,
            gpointer words)
{
  if (dest != NULL)
    *dest = words;
  else
    g_free (words);
}

static gpointer
new_words (const GError *error)
{
  return g_strdup (error->message);
}

static void
drop_words (QIOTask *task,
            gpointer opaque G_GNUC_UNUSED)
{
  g_assert_true (qio_task_propagate_error (task, NULL));
}

/* An error that is none of GLib's. */
static void
test_error_of_host (void)
{
  static const QIOTaskHost host = { keep, let_go, move_words, g_free, new_words };
  g_autoptr (QIOGroup) group = NULL;
  GroupEnd end = { 0 };
  QIOTask *task;

  if (passes_in_child ())
    return;
  qio_task_set_host (&host);
  group = qio_group_new ();
  task = qio_task_new (NULL, drop_words, NULL, NULL);
  qio_task_set_group (task, group);
  qio_task_set_error (task, g_strdup ("These words"));
  qio_task_complete (task);
  hear_of_end (group, &end);
  assert_group_ends_with (&end, G_IO_ERROR_FAILED);
}

static void
test_cancel_on_error (gconstpointer cancels)
{
  g_autoptr (QIOGroup) group = qio_group_new ();
  GroupEnd end = { 0 };
  Ending failed = { 0 };
  Ending other = { 0 };
  Ending later = { 0 };
  QIOTask *task = member (group, &failed);
  QIOTask *held = member (group, &other);

  no_longer_than_a_minute ();
  qio_group_set_cancel_on_error (group, TRUE);
  qio_group_set_cancel_on_error (group, cancels != NULL);
  set_busy (task);
  qio_task_complete (task);
  assert_ended_with (&failed, G_IO_ERROR_BUSY);
  g_assert_true (qio_task_is_cancelled (held) == (cancels != NULL));
  qio_task_complete (member (group, &later));
  qio_task_complete (held);
  if (cancels != NULL)
    {
      assert_ended_with (&other, G_IO_ERROR_CANCELLED);
      assert_ended_with (&later, G_IO_ERROR_CANCELLED);
    }
  else
    {
      assert_ended_well (&other);
      assert_ended_well (&later);
    }
  hear_of_end (group, &end);
  assert_group_ends_with (&end, G_IO_ERROR_BUSY);
}

/* Groups in groups */

static void
test_nested (void)
{
  g_autoptr (QIOGroup) outer = qio_group_new ();
  g_autoptr (QIOGroup) group = qio_group_new_within (outer);
  g_autoptr (QIOGroup) later = NULL;
  GroupEnd end = { 0 };
  Ending ending = { 0 };
  Ending refused = { 0 };
  QIOTask *task = member (group, &ending);

  no_longer_than_a_minute ();
  g_assert_cmpuint (qio_group_get_n_tasks (outer), ==, 1);
  hear_of_end (outer, &end);
  qio_group_cancel (outer);
  g_assert_true (qio_task_is_cancelled (task));
  iterate_until (NULL, &ending.calls, 1);
  qio_task_complete (task);
  assert_ended_with (&ending, G_IO_ERROR_CANCELLED);
  assert_group_ends_well (&end);
  qio_group_close (outer);
  later = qio_group_new_within (outer);
  task = member (later, &refused);
  g_assert_true (qio_task_is_cancelled (task));
  qio_task_complete (task);
  assert_ended_with (&refused, G_IO_ERROR_CANCELLED);
  iterate_all (NULL);
}

static void
test_nested_limit (void)
{
  enum { TASKS = 6 };
  g_autoptr (QIOGroup) outer = qio_group_new ();
  Ending endings[TASKS] = { 0 };
  Crowd crowd = { 0 };

  no_longer_than_a_minute ();
  qio_group_set_max_threads (outer, 2);
  for (gint i = 0; i < TASKS; i++)
    {
      g_autoptr (QIOGroup) group = qio_group_new_within (outer);

      qio_task_run_in_thread (member (group, &endings[i]), crowd_work, &crowd, NULL, NULL);
    }
  for (gint i = 0; i < TASKS; i++)
    {
      crowd_wait (&crowd, MIN (i + 2, TASKS));
      crowd_let_go (&crowd, 1);
    }
  for (gint i = 0; i < TASKS; i++)
    iterate_until (NULL, &endings[i].freed, 1);
  g_assert_cmpint (crowd.most, ==, 2);
}

/* References */

/* The group goes on without one, and so does its limit. */
static void
test_last_reference (void)
{
  QIOGroup *group = qio_group_new ();
  GroupEnd end = { 0 };
  Ending endings[2] = { 0 };
  Crowd crowd = { 0 };

  no_longer_than_a_minute ();
  qio_group_set_max_threads (group, 1);
  for (gint i = 0; i < 2; i++)
    qio_task_run_in_thread (member (group, &endings[i]), crowd_work, &crowd, NULL, NULL);
  hear_of_end (group, &end);
  g_assert_true (qio_group_ref (group) == group);
  qio_group_unref (group);
  qio_group_unref (group);
  for (gint i = 0; i < 2; i++)
    {
      crowd_wait (&crowd, i + 1);
      crowd_let_go (&crowd, 1);
    }
  assert_group_ends_well (&end);
  g_assert_cmpint (crowd.most, ==, 1);
  for (gint i = 0; i < 2; i++)
    assert_ended_well (&endings[i]);
  expect_critical ("qio_group_ref", "group has not been freed");
  g_assert_null (qio_group_ref (group));
  g_test_assert_expected_messages ();
}

static void
test_last_reference_without_func (void)
{
  QIOGroup *group = qio_group_new ();
  QIOGroup *another;
  Ending ending = { 0 };
  QIOTask *task = member (group, &ending);

  no_longer_than_a_minute ();
  qio_group_unref (group);
  /* They are not taken for each other. */
  another = qio_group_new ();
  g_assert_true (another != group);
  expect_critical ("qio_group_cancel", "group has not been freed");
  qio_group_cancel (group);
  expect_critical ("qio_group_unref", "group has not been freed");
  qio_group_unref (group);
  g_test_assert_expected_messages ();
  g_assert_true (qio_group_is_empty (another));
  qio_group_unref (another);
  qio_task_complete (task);
  assert_ended_well (&ending);
}

static void
test_computing (void)
{
  QIOGroup *group = qio_group_get_computing ();
  g_autoptr (QIOGroup) own = qio_group_new_within (group);
  Ending ending = { 0 };
  QIOTask *task = member (own, &ending);

  no_longer_than_a_minute ();
  g_assert_true (qio_group_get_computing () == group);
  /* There may be a quota besides. */
  g_assert_cmpuint (qio_group_get_max_threads (group), >, 0);
  g_assert_cmpuint (qio_group_get_max_threads (group), <=, g_get_num_processors ());
  g_assert_cmpuint (qio_group_get_n_tasks (group), ==, 1);
  g_assert_true (qio_group_ref (group) == group);
  qio_group_unref (group);
  qio_group_close (own);
  iterate_until (NULL, &ending.calls, 1);
  qio_task_complete (task);
  assert_ended_with (&ending, G_IO_ERROR_CANCELLED);
}

/* Misuse */

static void
assert_refuses_the_process (void)
{
  QIOGroup *group = qio_group_get_computing ();
  GObject *object = g_object_new (G_TYPE_OBJECT, NULL);
  const gchar *own = "group is not that of the process";

  expect_critical ("qio_group_close", own);
  qio_group_close (group);
  expect_critical ("qio_group_finish", own);
  qio_group_finish (group);
  expect_critical ("qio_group_set_cancel_on_error", own);
  qio_group_set_cancel_on_error (group, TRUE);
  expect_critical ("qio_group_close_on_dispose", own);
  qio_group_close_on_dispose (group, object);
  expect_critical ("qio_group_unref", "group is referenced by the caller");
  qio_group_unref (group);
  g_test_assert_expected_messages ();
  g_object_unref (object);
}

static void
test_name (void)
{
  g_autoptr (QIOGroup) group = qio_group_new ();
  gchar *name;

  no_longer_than_a_minute ();
  g_assert_null (qio_group_get_name (group));
  qio_group_set_name (group, "thumbnails");
  name = qio_group_get_name (group);
  g_assert_cmpstr (name, ==, "thumbnails");
  g_free (name);
}

/* No loop runs: what is for this thread is called here, and each worker is waited for. */
static void
test_wait (gconstpointer fails)
{
  g_autoptr (QIOGroup) group = qio_group_new ();
  GError *error = NULL;
  Ending endings[3] = { 0 };
  Work data[2] = { 0 };
  QIOTask *held;

  no_longer_than_a_minute ();
  g_assert_true (qio_group_wait (group, &error));
  g_assert_no_error (error);
  for (gint i = 0; i < 2; i++)
    {
      gate_open (&data[i].may_end);
      qio_task_run_in_thread (member (group, &endings[i]), work, &data[i], NULL, NULL);
    }
  held = member (group, &endings[2]);
  if (fails != NULL)
    qio_task_set_error (held, g_error_new_literal (G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "gone"));
  qio_task_complete_in_idle (held);
  g_assert_true (qio_group_wait (group, &error) == (fails == NULL));
  for (gint i = 0; i < 2; i++)
    {
      assert_ended_well (&endings[i]);
      g_assert_cmpint (g_atomic_int_get (&data[i].has_returned), ==, 1);
    }
  g_assert_cmpint (endings[2].calls, ==, 1);
  g_assert_true (qio_group_is_empty (group));
  if (fails != NULL)
    {
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
      g_clear_error (&error);
      g_assert_false (qio_group_wait (group, NULL));
      g_clear_error (&endings[2].error);
    }
  else
    g_assert_no_error (error);
}

static void
test_misuse (void)
{
  g_autoptr (QIOGroup) group = qio_group_new ();
  g_autoptr (QIOGroup) other = qio_group_new ();
  Ending ending = { 0 };
  Work data = { 0 };
  QIOTask *task = ending_task (&ending, NULL);

  no_longer_than_a_minute ();
  expect_critical ("qio_group_set_max_threads", "max_threads > 0");
  qio_group_set_max_threads (group, 0);
  g_assert_cmpuint (qio_group_get_max_threads (group), ==, 0);
  expect_critical ("qio_group_set_ended_func", "func != NULL");
  qio_group_set_ended_func (group, NULL, &data, unexpected_destroy);
  expect_critical ("qio_group_set_name", "name != NULL");
  qio_group_set_name (group, NULL);
  expect_critical ("qio_group_close_on_dispose", "G_IS_OBJECT (object)");
  qio_group_close_on_dispose (group, NULL);
  expect_critical ("qio_task_set_group", "group != NULL");
  qio_task_set_group (task, NULL);
  expect_critical ("qio_task_set_group", "task != NULL");
  qio_task_set_group (NULL, group);
  g_test_assert_expected_messages ();
  assert_refuses_the_process ();

  qio_task_set_group (task, group);
  expect_critical ("qio_task_set_group", "task is in no group");
  qio_task_set_group (task, other);
  expect_critical ("qio_task_set_group", "task is in no group");
  qio_task_set_group (task, group);
  g_assert_true (qio_group_is_empty (other));
  g_assert_cmpuint (qio_group_get_n_tasks (group), ==, 1);
  qio_task_run_in_thread (task, work, &data, NULL, NULL);
  expect_critical ("qio_task_set_group", "task has not been handed on");
  qio_task_set_group (task, other);
  g_test_assert_expected_messages ();
  gate_open (&data.may_end);
  iterate_until (NULL, &ending.freed, 1);
  assert_ended_well (&ending);
  expect_critical ("qio_task_set_group", "task has not ended");
  qio_task_set_group (task, other);
  g_test_assert_expected_messages ();
}

int
main (int argc,
      char **argv)
{
  static const gchar *const failures[] = {
    [BY_WORKER] = "by-worker",
    [BY_HAND] = "by-hand",
    [IN_IDLE] = "in-idle",
    [ABANDONED_WITH_ERROR] = "abandoned-with-error",
#ifdef G_OS_UNIX
    [BY_ENDED_THREAD] = "by-ended-thread",
#endif
    [ABANDONED] = "abandoned",
    [TIMED_OUT] = "timed-out",
  };
  gconstpointer yes = GINT_TO_POINTER (TRUE);

  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/groups/member/by-hand", test_by_hand);
  g_test_add_data_func ("/groups/member/worker", NULL, test_worker);
  g_test_add_data_func ("/groups/member/waited-for", yes, test_worker);
  g_test_add_func ("/groups/member/freed", test_freed);
  g_test_add_func ("/groups/member/moved", test_moved);
  g_test_add_func ("/groups/member/moved-when-cancelled", test_moved_when_cancelled);
  g_test_add_data_func ("/groups/member/moved-amid-cancelling", NULL, test_moved_amid_cancelling);
  g_test_add_data_func ("/groups/member/moved-amid-cancelling/nested", yes,
                        test_moved_amid_cancelling);
  g_test_add_func ("/groups/member/ended-before", test_ended_before);
  g_test_add_data_func ("/groups/limit/pool", NULL, test_limit);
  g_test_add_data_func ("/groups/limit/dedicated", yes, test_limit);
  g_test_add_func ("/groups/limit/raised", test_limit_raised);
  g_test_add_func ("/groups/limit/cancelled-while-it-waits", test_cancelled_while_it_waits);
  g_test_add_func ("/groups/limit/lends", test_lends);
  g_test_add_func ("/groups/cancel", test_cancel);
  g_test_add_data_func ("/groups/close", yes, test_refused);
  g_test_add_data_func ("/groups/finish", NULL, test_refused);
  g_test_add_func ("/groups/close-on-dispose", test_close_on_dispose);
  g_test_add_func ("/groups/dispose-after-group", test_dispose_after_group);
  g_test_add_func ("/groups/ended/late-worker", test_late_worker);
  g_test_add_func ("/groups/ended/on-context", test_ended_on_context);
  g_test_add_func ("/groups/ended/replaced", test_ended_func_replaced);
  g_test_add_func ("/groups/ended/dead-context", test_ended_func_of_dead_context);
  for (gsize i = 0; i < G_N_ELEMENTS (failures); i++)
    {
      gchar *path = g_strconcat ("/groups/error/", failures[i], NULL);

      g_test_add_data_func (path, GINT_TO_POINTER (i), test_error);
      g_free (path);
    }
  g_test_add_func ("/groups/error/first", test_first_error);
  g_test_add_func ("/groups/error/of-host", test_error_of_host);
  g_test_add_data_func ("/groups/error/cancels", yes, test_cancel_on_error);
  g_test_add_data_func ("/groups/error/cancels-not", NULL, test_cancel_on_error);
  g_test_add_func ("/groups/nested", test_nested);
  g_test_add_func ("/groups/nested/limit", test_nested_limit);
  g_test_add_func ("/groups/last-reference", test_last_reference);
  g_test_add_func ("/groups/last-reference/without-func", test_last_reference_without_func);
  g_test_add_func ("/groups/computing", test_computing);
  g_test_add_func ("/groups/name", test_name);
  g_test_add_data_func ("/groups/wait", NULL, test_wait);
  g_test_add_data_func ("/groups/wait/error", yes, test_wait);
  g_test_add_func ("/groups/misuse", test_misuse);

  return g_test_run ();
}
