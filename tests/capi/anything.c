/* SPDX-License-Identifier: MIT OR Apache-2.0 */

/* Anybody does anything to any task and any group, whether or not it still is one:
 * threads, functions of tasks, their workers, progress and message functions and destroy
 * functions call whatever they like. Most of it is refused; but each task calls its
 * function once, unless it may have been freed before, and is freed once, and so
 * is whatever it was given.
 *
 * What each thread does comes of the seed (`--seed` repeats it). In which order
 * they do it does not. */

#include "support.h"
#include <string.h>

enum
{
  SLOTS = 24,
  GROUPS = 3,
  /* How deep calls in callbacks in calls may go. */
  DEPTH = 4
};

/* What became of a task. */
typedef struct
{
  gint calls;
  gint freed;
} Life;

static gint total = 20 * 1000;
/* Whether anybody also frees tasks, whose functions are never called then. */
static gboolean is_freeing;
static Life *lives;
static gint next_life;
static gint tasks_freed;

/* Results, messages, and the data of workers, of progress and message functions and of those
 * for the end of groups. */
static gint data_made;
static gint data_freed;

/* The last task that was put in each: many of them have ended. */
static QIOTask *slots[SLOTS];

/* Likewise for groups. */
static QIOGroup *groups[GROUPS];

/* Where workers' tasks end. The first is the global default one. */
static GMainContext *contexts[3];

static gint is_over;
static gint criticals;

/* One for each thread, those of the library too. */
typedef struct
{
  GRand *rand;
  gint depth;
  gboolean was_refused;
} Actor;

static guint32 seed;
static gint actors;

static void
actor_free (gpointer opaque)
{
  Actor *actor = opaque;

  g_rand_free (actor->rand);
  g_free (actor);
}

static GPrivate this_actor = G_PRIVATE_INIT (actor_free);

static Actor *
get_actor (void)
{
  Actor *actor = g_private_get (&this_actor);

  if (actor == NULL)
    {
      actor = g_new0 (Actor, 1);
      actor->rand = g_rand_new_with_seed (seed + (guint32) g_atomic_int_add (&actors, 1));
      g_private_set (&this_actor, actor);
    }
  return actor;
}

/* One of so many numbers, from 0. */
static gint
one_of (gint count)
{
  return g_rand_int_range (get_actor ()->rand, 0, count);
}

static gboolean
once_in (gint count)
{
  return one_of (count) == 0;
}

static gpointer
any_task (void)
{
  return g_atomic_pointer_get (&slots[one_of (SLOTS)]);
}

static gpointer
any_group (void)
{
  return g_atomic_pointer_get (&groups[one_of (GROUPS)]);
}

/* A refusal is an assertion that fails. A panic reads otherwise, and nobody but
 * the library has a reason to complain. */
static void
note_critical (const gchar *domain,
               GLogLevelFlags level,
               const gchar *message,
               gpointer data G_GNUC_UNUSED)
{
  /* GIO tells how it looks for the apps of Windows, in a thread of its own. */
  if (g_strcmp0 (domain, "GLib-GIO") == 0 && (level & G_LOG_LEVEL_CRITICAL) == 0)
    return;
  if (g_strcmp0 (domain, "qio-task") != 0 || strstr (message, ": assertion '") == NULL)
    {
      g_printerr ("%s: %s\n", domain, message);
      g_abort ();
    }
  get_actor ()->was_refused = TRUE;
  g_atomic_int_inc (&criticals);
}

typedef void (*Action) (QIOTask *task);

/* What is refused to a callback is not refused to the call that it is made in. */
static void
act_on (QIOTask *task,
        Action action)
{
  Actor *actor = get_actor ();
  gboolean was_refused = actor->was_refused;

  if (actor->depth == DEPTH)
    return;
  actor->depth++;
  actor->was_refused = FALSE;
  action (task);
  actor->was_refused = was_refused;
  actor->depth--;
}

static void act (void);

/* Data */

static gpointer
data_new (void)
{
  g_atomic_int_inc (&data_made);
  return g_new0 (gint, 1);
}

static void
data_free (gpointer data)
{
  act ();
  g_free (data);
  g_atomic_int_inc (&data_freed);
}

/* After a call that was given @data: they are still the caller's if it was refused. */
static void
free_if_refused (gpointer data,
                 GDestroyNotify destroy)
{
  if (get_actor ()->was_refused)
    destroy (data);
}

/* Callbacks */

static void
drop_error (QIOTask *task)
{
  qio_task_propagate_error (task, NULL);
}

static void
report (QIOTask *task)
{
  qio_task_report_progress (task, 1);
}

/* Blocks while as many wait as may. */
static void
send_message (QIOTask *task)
{
  gpointer data = data_new ();

  qio_task_send_message (task, data, data_free);
  free_if_refused (data, data_free);
}

static void
try_send_message (QIOTask *task)
{
  gpointer data = data_new ();

  if (!qio_task_try_send_message (task, data, data_free))
    data_free (data);
}

static void
ask_for_cancellable (QIOTask *task)
{
  qio_task_get_cancellable (task);
}

static void
func (QIOTask *task,
      gpointer opaque)
{
  Life *life = opaque;

  g_assert_cmpint (life->freed, ==, 0);
  g_assert_cmpint (g_atomic_int_add (&life->calls, 1), ==, 0);
  act ();
  if (once_in (2))
    act_on (task, drop_error);
}

static void
life_end (gpointer opaque)
{
  Life *life = opaque;

  g_assert_cmpint (life->calls, >=, is_freeing ? 0 : 1);
  g_assert_cmpint (g_atomic_int_add (&life->freed, 1), ==, 0);
  act ();
  g_atomic_int_inc (&tasks_freed);
}

static void
work (QIOTask *task,
      gpointer opaque G_GNUC_UNUSED)
{
  act ();
  /* So that others find it at work. */
  if (once_in (2))
    g_usleep (30);
  act_on (task, report);
  for (gint i = one_of (4); i > 0; i--)
    act_on (task, send_message);
  act_on (task, ask_for_cancellable);
}

static void
progress (QIOTask *task,
          gdouble fraction G_GNUC_UNUSED,
          gpointer opaque G_GNUC_UNUSED)
{
  if (once_in (8))
    act_on (task, qio_task_wait_thread);
  act ();
}

static void
tell (QIOTask *task,
      gpointer message,
      gpointer opaque G_GNUC_UNUSED)
{
  g_assert_cmpint (*(gint *) message, ==, 0);
  if (once_in (8))
    act_on (task, qio_task_wait_thread);
  act ();
}

/* Actions */

static void
set_dedicated_thread (QIOTask *task)
{
  qio_task_set_dedicated_thread (task, once_in (2));
}

static void
set_return_on_cancel (QIOTask *task)
{
  qio_task_set_return_on_cancel (task, once_in (2));
}

static void
set_inactivity_timeout (QIOTask *task)
{
  qio_task_set_inactivity_timeout (task, one_of (3));
}

static void
set_worker_stack_size (QIOTask *task)
{
  qio_task_set_worker_stack_size (task, 1 << 20);
}

static void
commit (QIOTask *task)
{
  qio_task_commit (task);
}

static void
set_progress_func (QIOTask *task)
{
  gpointer data = data_new ();

  qio_task_set_progress_func (task, progress, data, data_free);
  free_if_refused (data, data_free);
}

static void
set_progress_interval (QIOTask *task)
{
  qio_task_set_progress_interval (task, (guint) one_of (3));
}

static void
set_message_func (QIOTask *task)
{
  gpointer data = data_new ();

  qio_task_set_message_func (task, (guint) one_of (4), tell, data, data_free);
  free_if_refused (data, data_free);
}

static void
set_group (QIOTask *task)
{
  qio_task_set_group (task, any_group ());
}

/* Groups, whichever task it is */

static void
group_ended (QIOGroup *group G_GNUC_UNUSED,
             const GError *error,
             gpointer opaque G_GNUC_UNUSED)
{
  if (error != NULL)
    g_assert_nonnull (error->message);
  act ();
}

static void
set_ended_func (QIOTask *task G_GNUC_UNUSED)
{
  gpointer data = data_new ();

  qio_group_set_ended_func (any_group (), group_ended, data, data_free);
  free_if_refused (data, data_free);
}

/* Puts a group where another was, of which there may be more references. */
static void
replace_group (QIOTask *task G_GNUC_UNUSED)
{
  QIOGroup **slot = &groups[one_of (GROUPS)];
  QIOGroup *old = g_atomic_pointer_get (slot);
  QIOGroup *new = once_in (2) ? qio_group_new_within (any_group ()) : qio_group_new ();

  if (once_in (2))
    old = qio_group_ref (old);
  g_atomic_pointer_set (slot, new);
  qio_group_unref (old);
}

static void
change_group (QIOTask *task G_GNUC_UNUSED)
{
  qio_group_set_max_threads (any_group (), 1 + (guint) one_of (3));
  qio_group_set_cancel_on_error (any_group (), once_in (2));
}

static void
end_group (QIOTask *task G_GNUC_UNUSED)
{
  static void (*const ends[]) (QIOGroup *group) = {
    qio_group_cancel,
    qio_group_finish,
    qio_group_close,
  };

  ends[one_of (G_N_ELEMENTS (ends))](any_group ());
}

static void
dispose (QIOTask *task G_GNUC_UNUSED)
{
  GObject *object = g_object_new (G_TYPE_OBJECT, NULL);

  qio_group_close_on_dispose (any_group (), object);
  g_object_unref (object);
}

static void
ask_group (QIOTask *task G_GNUC_UNUSED)
{
  qio_group_is_empty (any_group ());
  qio_group_get_n_tasks (any_group ());
  qio_group_get_max_threads (any_group ());
  qio_group_is_closed (any_group ());
  qio_group_set_name (any_group (), "any");
  g_free (qio_group_get_name (any_group ()));
}

/* A task that times out at once, or soon, or never. */
static QIOTask *
new_task (GCancellable *cancellable,
          Life *life)
{
  if (once_in (2))
    return qio_task_new (NULL, func, life, life_end);
  return qio_task_new_full (NULL, cancellable, "anything", one_of (2), (guint) one_of (3), func,
                            life, life_end);
}

/* Puts a task where another was that nobody has ended, perhaps. */
static void
replace (QIOTask *task G_GNUC_UNUSED)
{
  gint index = g_atomic_int_add (&next_life, 1);
  QIOTask **slot = &slots[one_of (SLOTS)];
  QIOTask *old = g_atomic_pointer_get (slot);
  GCancellable *cancellable;
  QIOTask *new;

  if (index >= total)
    return;
  cancellable = g_cancellable_new ();
  new = new_task (cancellable, &lives[index]);
  if (once_in (2))
    {
      act_on (new, set_progress_func);
      act_on (new, set_progress_interval);
    }
  if (once_in (2))
    act_on (new, set_message_func);
  if (once_in (2))
    act_on (new, set_group);
  if (!g_atomic_pointer_compare_and_exchange (slot, old, new))
    qio_task_abandon (new);
  else if (old != NULL)
    qio_task_abandon (old);
  if (once_in (4))
    g_cancellable_cancel (cancellable);
  g_object_unref (cancellable);
}

static void
run_in_thread (QIOTask *task)
{
  gpointer data = data_new ();

  qio_task_run_in_thread (task, work, data, data_free, contexts[one_of (G_N_ELEMENTS (contexts))]);
  free_if_refused (data, data_free);
}

static void
set_error (QIOTask *task)
{
  GError *error = g_error_new (G_IO_ERROR, G_IO_ERROR_FAILED, "anything");

  qio_task_set_error (task, error);
  free_if_refused (error, (GDestroyNotify) g_error_free);
}

static void
set_result (QIOTask *task)
{
  gpointer data = data_new ();

  qio_task_set_result_pointer (task, data, data_free);
  free_if_refused (data, data_free);
}

static void
free_task (QIOTask *task)
{
  if (is_freeing)
    qio_task_free (task);
}

static void
ask_anything (QIOTask *task)
{
  qio_task_get_source (task);
  qio_task_get_name (task);
  qio_task_get_async_result (task);
  qio_task_get_result_pointer (task);
  qio_task_is_cancelled (task);
}

/* Some are listed more than once, to be done more often. */
static const Action actions[] = {
  replace, replace, replace,
  run_in_thread, run_in_thread, run_in_thread,
  set_result, set_result,
  report, report,
  set_error,
  set_progress_func,
  set_progress_interval,
  set_message_func,
  try_send_message, try_send_message,
  set_dedicated_thread,
  set_worker_stack_size,
  set_return_on_cancel, set_return_on_cancel,
  commit,
  set_inactivity_timeout,
  set_group, set_group,
  set_ended_func, set_ended_func,
  replace_group,
  change_group,
  end_group,
  dispose,
  ask_group,
  qio_task_touch,
  qio_task_complete,
  qio_task_complete_in_idle,
  qio_task_abandon,
  qio_task_cancel,
  drop_error,
  ask_for_cancellable,
  ask_anything,
  free_task, free_task,
};

static void
act (void)
{
  act_on (any_task (), actions[one_of (G_N_ELEMENTS (actions))]);
}

/* For threads that nobody waits for: two workers that did it would wait for each
 * other. */
static void
act_or_wait (void)
{
  if (once_in (G_N_ELEMENTS (actions)))
    act_on (any_task (), once_in (2) ? qio_task_wait_thread : qio_task_wait_worker);
  else
    act ();
}

/* Threads */

static gboolean
is_making (void)
{
  return g_atomic_int_get (&next_life) < total;
}

static gpointer
act_while_making (gpointer opaque G_GNUC_UNUSED)
{
  while (is_making ())
    act_or_wait ();
  return NULL;
}

/* Ends tasks on a main context of its own, too. */
static gpointer
act_on_context (gpointer context)
{
  g_main_context_push_thread_default (context);
  while (!g_atomic_int_get (&is_over))
    if (!g_main_context_iteration (context, FALSE))
      act_or_wait ();
  /* What GIO saw of a task ends here, even if the task did not. */
  iterate_all (context);
  g_main_context_pop_thread_default (context);
  return NULL;
}

static void
abandon_all (void)
{
  for (gint i = 0; i < SLOTS; i++)
    act_on (g_atomic_pointer_get (&slots[i]), qio_task_abandon);
}

static void
run_to_the_end (void)
{
  GThread *loops[2];
  GThread *others[2];

  for (gint i = 0; i < 2; i++)
    {
      loops[i] = g_thread_new ("iterates", act_on_context, contexts[i + 1]);
      others[i] = g_thread_new ("acts", act_while_making, NULL);
    }
  while (is_making ())
    {
      g_main_context_iteration (NULL, FALSE);
      act_or_wait ();
    }
  for (gint i = 0; i < 2; i++)
    g_thread_join (others[i]);
  while (g_atomic_int_get (&tasks_freed) < total)
    {
      abandon_all ();
      g_main_context_iteration (NULL, FALSE);
    }
  g_atomic_int_set (&is_over, TRUE);
  for (gint i = 0; i < 2; i++)
    g_thread_join (loops[i]);
}

static void
test_anything (gconstpointer freeing)
{
  gint called = 0;
  GLogFunc log = g_log_set_default_handler (note_critical, NULL);

  no_longer_than_a_minute ();
  survive_criticals ();
  seed = (guint32) g_test_rand_int ();
  is_freeing = GPOINTER_TO_INT (freeing);
  lives = g_new0 (Life, total);
  next_life = tasks_freed = data_made = data_freed = criticals = is_over = 0;
  memset (slots, 0, sizeof slots);
  for (gint i = 0; i < GROUPS; i++)
    groups[i] = qio_group_new ();
  for (gsize i = 1; i < G_N_ELEMENTS (contexts); i++)
    contexts[i] = g_main_context_new ();

  run_to_the_end ();

  for (gsize i = 0; i < G_N_ELEMENTS (contexts); i++)
    iterate_all (contexts[i]);
  for (gint i = 0; i < total; i++)
    {
      g_assert_cmpint (lives[i].freed, ==, 1);
      called += lives[i].calls;
    }
  g_assert_true ((called < total) == is_freeing);
  g_assert_cmpint (data_freed, ==, data_made);
  g_test_message ("%d calls were refused", criticals);

  for (gsize i = 1; i < G_N_ELEMENTS (contexts); i++)
    g_main_context_unref (contexts[i]);
  g_free (lives);
  g_private_replace (&this_actor, NULL);
  g_log_set_default_handler (log, NULL);
}

int
main (int argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  /* Under valgrind it takes long. */
  if (g_getenv ("QIO_TASK_TESTS_FEW") != NULL)
    total = 400;

  g_test_add_data_func ("/anything/ended", GINT_TO_POINTER (FALSE), test_anything);
  g_test_add_data_func ("/anything/freed", GINT_TO_POINTER (TRUE), test_anything);

  return g_test_run ();
}
