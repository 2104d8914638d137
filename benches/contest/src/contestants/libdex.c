/* libdex, as an application in C uses it: a future for each task, and what
 * `dex_future_then` puts on it is called on the main context.
 *
 * A thread runs a function as the version has it: one of a `DexThreadPool`, which 1.2
 * has for functions that block; before that a fiber on the thread pool of libdex, the
 * only thing in 0.10 that runs anything in a thread.
 *
 * `libdex.rs` brings the functions: each owns its data and frees it, so that no task
 * here has a `GDestroyNotify`.
 */

#include <libdex.h>

static gboolean initialized;

#if DEX_CHECK_VERSION (1, 2, 0)
static DexThreadPool *pool;

/* Has a pool of `max` threads, which are all started here. */
void
contest_libdex_set_max_threads (guint max)
{
  g_assert (pool == NULL);
  /* Without it libdex has no types. */
  dex_init ();
  pool = dex_thread_pool_new (max);
  g_assert (pool != NULL);
}
#endif

/* Gives the main context, of which this is the thread, its scheduler, and libdex its pool. */
static void
initialize (void)
{
  if (G_LIKELY (initialized))
    return;
  initialized = TRUE;
  dex_init ();
#if DEX_CHECK_VERSION (1, 2, 0)
  if (pool == NULL)
    contest_libdex_set_max_threads (g_get_num_processors ());
#endif
}

/* Runs `work`, which is both a `DexThreadFunc` and a `DexFiberFunc`, in a thread. */
static DexFuture *
run_in_thread (DexFuture *(*work) (gpointer data),
               gpointer     data)
{
#if DEX_CHECK_VERSION (1, 2, 0)
  return dex_thread_pool_submit (pool, "contest", work, data, NULL);
#else
  return dex_scheduler_spawn (dex_thread_pool_scheduler_get_default (), 0, work, data, NULL);
#endif
}

/* What a function in a thread has to return. */
DexFuture *
contest_libdex_nothing (void)
{
  return dex_future_new_true ();
}

/* Runs `work` in a thread, then `done` on the main context. */
void
contest_libdex_run (DexFuture         *(*work) (gpointer data),
                    gpointer             work_data,
                    DexFutureCallback    done,
                    gpointer             done_data)
{
  initialize ();
  dex_future_disown (dex_future_then (run_in_thread (work, work_data), done, done_data, NULL));
}

/* A task to be completed by hand, on any thread. */
DexPromise *
contest_libdex_make (DexFutureCallback done,
                     gpointer          done_data)
{
  DexPromise *promise;

  initialize ();
  promise = dex_promise_new ();
  dex_future_disown (dex_future_then (dex_ref (DEX_FUTURE (promise)), done, done_data, NULL));
  return promise;
}

/* On the thread of the main context, `done` is called before this returns. */
void
contest_libdex_complete (DexPromise *promise)
{
  dex_promise_resolve_boolean (promise, TRUE);
  dex_unref (promise);
}

/* Has `done` called when `future` is, or earlier, with a rejected one, when `cancellable`
 * is cancelled. A function that runs in a thread is not told by libdex: it asks the
 * cancellable itself.
 */
static void
call_unless_cancelled (DexFuture         *future,
                       GCancellable      *cancellable,
                       DexFutureCallback  done,
                       gpointer           done_data)
{
  DexFuture *cancelled = dex_cancellable_new_from_cancellable (cancellable);

  dex_future_disown (dex_future_finally (dex_future_first (future, cancelled, NULL),
                                         done, done_data, NULL));
}

/* As `contest_libdex_run`, until `cancellable` is cancelled. */
void
contest_libdex_run_until (GCancellable        *cancellable,
                          DexFuture         *(*work) (gpointer data),
                          gpointer             work_data,
                          DexFutureCallback    done,
                          gpointer             done_data)
{
  initialize ();
  call_unless_cancelled (run_in_thread (work, work_data), cancellable, done, done_data);
}

/* As `contest_libdex_make`, until `cancellable` is cancelled. */
DexPromise *
contest_libdex_make_until (GCancellable      *cancellable,
                           DexFutureCallback  done,
                           gpointer           done_data)
{
  DexPromise *promise;

  initialize ();
  promise = dex_promise_new ();
  call_unless_cancelled (dex_ref (DEX_FUTURE (promise)), cancellable, done, done_data);
  return promise;
}

gboolean
contest_libdex_is_rejected (DexFuture *future)
{
  return dex_future_is_rejected (future);
}

typedef struct
{
  gboolean (*again) (gpointer data);
  gpointer   data;
} Turns;

static DexFuture *
do_nothing (gpointer data)
{
  return contest_libdex_nothing ();
}

static DexFuture *
take_turns (gpointer data)
{
  Turns *turns = data;

  while (dex_await (run_in_thread (do_nothing, NULL), NULL) && turns->again (turns->data))
    continue;
  return dex_future_new_true ();
}

/* Runs an empty function in a thread, then `again` on the main context, while that says
 * so. One fiber awaits them all, as a loop in an application does; with a
 * `dex_future_then` for each it takes longer.
 */
void
contest_libdex_in_turn (gboolean (*again) (gpointer data),
                        gpointer   data)
{
  Turns *turns = g_new (Turns, 1);

  initialize ();
  *turns = (Turns) { again, data };
  dex_future_disown (dex_scheduler_spawn (dex_scheduler_get_default (), 0, take_turns, turns,
                                          g_free));
}
