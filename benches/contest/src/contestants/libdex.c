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

#if DEX_CHECK_VERSION (1, 2, 0)
static DexThreadPool *pool;

/* Its threads are started here, all of them. */
void
contest_libdex_set_max_threads (guint max)
{
  g_assert (pool == NULL);
  pool = dex_thread_pool_new (max);
  g_assert (pool != NULL);
}
#endif

/* Makes the scheduler of the main context, of which this is the thread. */
static void
initialize (void)
{
  static gboolean done;

  if (G_LIKELY (done))
    return;
  done = TRUE;
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
 * so. One fiber awaits them all, as a loop in an application does.
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
