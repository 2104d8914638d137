/*
 * Resolves names to addresses, and these back to names, each name in a thread
 * of its own: getaddrinfo () and getnameinfo () can do nothing but block. The
 * main loop shows how far they are, and hears Ctrl-C and the timeout meanwhile.
 */

#include <errno.h>
#include <locale.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <glib-unix.h>
#include <qio-task.h>

#define EXIT_USAGE 2
#define EXIT_INTERRUPTED 130

typedef struct
{
  GMainLoop *loop;
  GCancellable *interrupted;
  guint n_names;
  guint n_ended;
  guint n_failed;
  gdouble done; /* of n_names */
} Program;

typedef struct
{
  Program *program;
  gdouble done; /* of 1 */
} Lookup;

/* In a thread */

static gchar *
describe (const struct addrinfo *info)
{
  gchar address[NI_MAXHOST], name[NI_MAXHOST];

  if (getnameinfo (info->ai_addr, info->ai_addrlen, address, sizeof address,
                   NULL, 0, NI_NUMERICHOST) != 0)
    return g_strdup ("an address of an unknown kind");

  if (getnameinfo (info->ai_addr, info->ai_addrlen, name, sizeof name,
                   NULL, 0, NI_NAMEREQD) != 0)
    return g_strdup (address);

  return g_strdup_printf ("%s (%s)", address, name);
}

static void
resolve (QIOTask *task,
         gpointer opaque)
{
  const gchar *name = opaque;
  /* Without a type, each address comes once for every one there is. */
  const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
  struct addrinfo *infos = NULL;
  g_autoptr(GPtrArray) lines = g_ptr_array_new_with_free_func (g_free);
  gdouble n_steps = 1.0;
  gint failure;

  failure = getaddrinfo (name, NULL, &hints, &infos);
  if (failure != 0)
    {
      const gchar *why = failure == EAI_SYSTEM ? g_strerror (errno)
                                               : gai_strerror (failure);

      qio_task_set_error (task, g_error_new_literal (G_RESOLVER_ERROR,
                                                     G_RESOLVER_ERROR_NOT_FOUND,
                                                     why));
      return;
    }

  for (const struct addrinfo *info = infos; info != NULL; info = info->ai_next)
    n_steps++;

  qio_task_report_progress (task, 1.0 / n_steps);

  for (const struct addrinfo *info = infos;
       info != NULL && !qio_task_is_cancelled (task);
       info = info->ai_next)
    {
      g_ptr_array_add (lines, describe (info));
      qio_task_report_progress (task, (1.0 + lines->len) / n_steps);
    }

  freeaddrinfo (infos);
  qio_task_set_result_pointer (task, g_steal_pointer (&lines),
                               (GDestroyNotify) g_ptr_array_unref);
}

/* On the main loop */

static void
show_progress (Program *program)
{
  if (isatty (STDERR_FILENO))
    g_printerr ("\r%u of %u names, %.0f %%", program->n_ended, program->n_names,
                100.0 * program->done / program->n_names);
}

static void
hide_progress (void)
{
  if (isatty (STDERR_FILENO))
    g_printerr ("\r\033[K");
}

static void
on_progress (QIOTask *task G_GNUC_UNUSED,
             gdouble fraction,
             gpointer opaque)
{
  Lookup *lookup = opaque;

  lookup->program->done += fraction - lookup->done;
  lookup->done = fraction;
  show_progress (lookup->program);
}

static void
on_resolved (QIOTask *task,
             gpointer opaque)
{
  Lookup *lookup = opaque;
  Program *program = lookup->program;
  const gchar *name = qio_task_get_name (task);
  g_autoptr(GError) error = NULL;

  hide_progress ();

  if (qio_task_propagate_error (task, (gpointer *) &error))
    {
      g_printerr ("%s: %s\n", name, error->message);
      program->n_failed++;
    }
  else
    {
      GPtrArray *lines = qio_task_get_result_pointer (task);

      for (guint i = 0; i < lines->len; i++)
        g_print ("%s: %s\n", name, (gchar *) lines->pdata[i]);
    }

  program->done += 1.0 - lookup->done;
  program->n_ended++;
  if (program->n_ended == program->n_names)
    g_main_loop_quit (program->loop);
  else
    show_progress (program);
}

static void
start (Program *program,
       const gchar *name,
       guint timeout_ms)
{
  Lookup *lookup = g_new0 (Lookup, 1);
  QIOTask *task;

  lookup->program = program;

  task = qio_task_new_full (NULL, program->interrupted, name,
                            G_PRIORITY_DEFAULT_IDLE, timeout_ms,
                            on_resolved, lookup, g_free);
  qio_task_set_progress_func (task, on_progress, lookup, NULL);

  /* A copy: getaddrinfo () may go on after the task was cancelled, and even
   * while main () returns. */
  qio_task_run_in_thread (task, resolve, g_strdup (name), g_free, NULL);
}

static gboolean
on_interrupt (gpointer cancellable)
{
  g_cancellable_cancel (cancellable);

  return G_SOURCE_CONTINUE;
}

int
main (int argc,
      char **argv)
{
  static gchar *default_names[] = { "localhost", "127.0.0.1", NULL };
  g_auto(GStrv) given_names = NULL;
  gdouble timeout = 10.0;
  const GOptionEntry entries[] = {
    { "timeout", 't', 0, G_OPTION_ARG_DOUBLE, &timeout,
      "Give a name up after so long, 10 by default; 0 for never", "SECONDS" },
    { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_STRING_ARRAY, &given_names,
      NULL, "[NAME…]" },
    { NULL, 0, 0, 0, NULL, NULL, NULL },
  };
  g_autoptr(GOptionContext) options = g_option_context_new (NULL);
  g_autoptr(GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr(GCancellable) interrupted = g_cancellable_new ();
  g_autoptr(GError) error = NULL;
  Program program = { .loop = loop, .interrupted = interrupted };
  gchar **names;
  guint interrupt;

  setlocale (LC_ALL, "");

  g_option_context_set_summary (options, "Resolves names, each in a thread.");
  g_option_context_add_main_entries (options, entries, NULL);
  if (!g_option_context_parse (options, &argc, &argv, &error))
    {
      g_printerr ("%s\n", error->message);
      return EXIT_USAGE;
    }

  if (!(timeout >= 0.0 && timeout <= G_MAXUINT / 1000))
    {
      g_printerr ("%g is no timeout\n", timeout);
      return EXIT_USAGE;
    }

  names = given_names != NULL ? given_names : default_names;
  program.n_names = g_strv_length (names);

  interrupt = g_unix_signal_add (SIGINT, on_interrupt, interrupted);
  for (guint i = 0; i < program.n_names; i++)
    start (&program, names[i], timeout * 1000.0);

  g_main_loop_run (loop);
  g_source_remove (interrupt);

  if (g_cancellable_is_cancelled (interrupted))
    return EXIT_INTERRUPTED;

  return program.n_failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
