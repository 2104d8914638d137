/* SPDX-License-Identifier: MIT OR Apache-2.0 */

/* A program that knows nothing of the library, and loads and unloads a plug-in that uses it:
 * what the library has left in the global default context still finds its functions. */

#include <dlfcn.h>
#include <gio/gio.h>
#include <string.h>
#include <unistd.h>

/* The plug-in is beside this program. */
static gchar *
plug_in_path (void)
{
  gchar *program = g_file_read_link ("/proc/self/exe", NULL);
  gchar *folder = g_path_get_dirname (program);
  gchar *path = g_build_filename (folder, "plug-in.so", NULL);

  g_free (folder);
  g_free (program);
  return path;
}

/* Whether a thread of this process has this name. */
static gboolean
has_thread (const gchar *name)
{
  GDir *threads = g_dir_open ("/proc/self/task", 0, NULL);
  gboolean has = FALSE;
  const gchar *number;

  while ((number = g_dir_read_name (threads)) != NULL)
    {
      gchar *path = g_build_filename ("/proc/self/task", number, "comm", NULL);
      gchar *comm = NULL;

      /* One that has just ended has none. */
      if (g_file_get_contents (path, &comm, NULL, NULL))
        has = has || strcmp (g_strchomp (comm), name) == 0;
      g_free (comm);
      g_free (path);
    }
  g_dir_close (threads);
  return has;
}

static void
test_unloaded (void)
{
  gchar *path = plug_in_path ();

  alarm (60);
  for (gint i = 0; i < 3; i++)
    {
      void *plug_in = dlopen (path, RTLD_NOW | RTLD_LOCAL);
      void (*use) (void);

      if (plug_in == NULL)
        g_error ("%s", dlerror ());
      *(void **) &use = dlsym (plug_in, "plug_in_used");
      use ();
      while (has_thread ("qio-worker"))
        g_usleep (1000);
      g_assert_cmpint (dlclose (plug_in), ==, 0);
      while (g_main_context_iteration (NULL, FALSE))
        ;
    }
  g_free (path);
}

int
main (int argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/plug-in/unloaded", test_unloaded);
  return g_test_run ();
}
