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

/* The fiber of a thread of the pool: it waits for what does not come. */
static DexFuture *
wait_for_ever (gpointer data G_GNUC_UNUSED)
{
  begin ("thread of the pool while a fiber waits");
  dex_await (dex_timeout_new_seconds (3600), NULL);
  return dex_future_new_true ();
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
                                              wait_for_ever, NULL, NULL));
    }
  g_main_loop_run (loop);

  return 0;
}
