/* SPDX-License-Identifier: MIT OR Apache-2.0 */

/* libdex, whose scheduler never rests: libdex CASE bounded|unbounded. */

#include "told.h"

#include <libdex.h>

static const gchar *mode;

static void
begin (const gchar *words)
{
  g_autofree gchar *name = g_strdup_printf ("libdex %s: %s", DEX_VERSION_S, words);

  told_begin (name, g_str_equal (mode, "bounded"));
}

static DexFuture *
nothing (gpointer data G_GNUC_UNUSED)
{
  return dex_future_new_true ();
}

/* The fiber of the main scheduler: each fiber that it waits for has it go on at once. */
static DexFuture *
never_rest (gpointer data G_GNUC_UNUSED)
{
  for (;;)
    {
      told_turn ();
      dex_await (dex_scheduler_spawn (NULL, 0, nothing, NULL, NULL), NULL);
    }
  return NULL;
}

/* The fiber of a thread of the pool. In old releases the thread's loop never rests while it
 * waits, for however long. */
static DexFuture *
wait_on (gpointer data G_GNUC_UNUSED)
{
  const gboolean is_old = !DEX_CHECK_VERSION (1, 0, 0);

  begin (is_old ? "thread of the pool while a fiber waits"
                : "thread of the pool, timeouts of 0 that never rest");
  for (;;)
    {
      told_turn ();
      dex_await (dex_timeout_new_usec (is_old ? G_USEC_PER_SEC : 0), NULL);
    }
  return NULL;
}

int
main (int argc G_GNUC_UNUSED,
      char **argv)
{
  g_autoptr(GMainLoop) loop = g_main_loop_new (NULL, FALSE);

  mode = argv[2];
  dex_init ();
  if (g_str_equal (argv[1], "main"))
    {
      begin ("fibers that never rest");
      dex_future_disown (dex_scheduler_spawn (NULL, 0, never_rest, NULL, NULL));
    }
  else
    {
      dex_future_disown (dex_scheduler_spawn (dex_thread_pool_scheduler_get_default (), 0,
                                              wait_on, NULL, NULL));
    }
  g_main_loop_run (loop);

  return 0;
}
