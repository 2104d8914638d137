/* SPDX-License-Identifier: MIT OR Apache-2.0 */

/* A program with a script whose interval is 0 ms: gjs bounded|unbounded. */

#include "told.h"

#include <gjs/gjs.h>

static const gchar script[] = "setInterval(() => {}, 0);";

/* As 17402 for 1.74.2. */
static int
version (GjsContext *context)
{
  g_autoptr(GError) error = NULL;
  int version = 0;

  if (!gjs_context_eval (context, "imports.system.version", -1, "version.js", &version, &error))
    g_error ("%s", error->message);
  return version;
}

int
main (int argc G_GNUC_UNUSED,
      char **argv)
{
  g_autoptr(GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr(GError) error = NULL;
  g_autofree gchar *name = NULL;
  GjsContext *context = gjs_context_new ();
  int release = version (context);
  int status;

  if (!gjs_context_eval (context, script, -1, "busy.js", &status, &error))
    g_error ("%s", error->message);
  name = g_strdup_printf ("GJS %d.%d.%d: `setInterval(f, 0)`", release / 10000,
                          release / 100 % 100, release % 100);
  told_begin (name, g_str_equal (argv[1], "bounded"));
  g_main_loop_run (loop);

  return 0;
}
