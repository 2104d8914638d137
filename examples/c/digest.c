/*
 * Prints the SHA-256 of files, by an asynchronous function of this program's
 * own in GIO's manner: digest_file_async () and digest_file_finish ().
 *
 * What the caller sees is a GTask; what does the work is a QIOTask, whose
 * function returns the GTask. So the pair is the same on both backends of the
 * library, and its worker takes none of the ten threads that all GTasks of a
 * process share: a hundred files on a slow disk delay nobody else.
 */

#include <locale.h>
#include <signal.h>
#include <stdlib.h>

#include <glib-unix.h>
#include <qio-task.h>

#define EXIT_USAGE 2
#define EXIT_INTERRUPTED 130

/* digest_file_async () and digest_file_finish () */

static void
digest_in_thread (QIOTask *task,
                  gpointer opaque)
{
  GFile *file = qio_task_get_source (task);
  GCancellable *cancellable = qio_task_get_cancellable (task);
  g_autoptr(GChecksum) checksum = g_checksum_new (GPOINTER_TO_INT (opaque));
  g_autoptr(GFileInputStream) stream = NULL;
  guchar buffer[64 * 1024];
  gssize length = 0;
  GError *error = NULL;

  stream = g_file_read (file, cancellable, &error);

  while (stream != NULL
         && (length = g_input_stream_read (G_INPUT_STREAM (stream),
                                           buffer, sizeof buffer,
                                           cancellable, &error)) > 0)
    g_checksum_update (checksum, buffer, length);

  if (error != NULL)
    qio_task_set_error (task, error);
  else
    qio_task_set_result_pointer (task,
                                 g_strdup (g_checksum_get_string (checksum)),
                                 g_free);
}

static void
digest_done (QIOTask *task,
             gpointer opaque)
{
  GTask *result = opaque;
  GError *error = NULL;

  if (qio_task_propagate_error (task, (gpointer *) &error))
    g_task_return_error (result, error);
  else
    g_task_return_pointer (result,
                           g_strdup (qio_task_get_result_pointer (task)),
                           g_free);
}

static void
digest_file_async (GFile *file,
                   GChecksumType type,
                   gint io_priority,
                   GCancellable *cancellable,
                   GAsyncReadyCallback callback,
                   gpointer user_data)
{
  GTask *result;
  QIOTask *task;

  g_return_if_fail (G_IS_FILE (file));
  g_return_if_fail (g_checksum_type_get_length (type) > 0);

  result = g_task_new (file, cancellable, callback, user_data);
  g_task_set_source_tag (result, digest_file_async);
  g_task_set_priority (result, io_priority);

  task = qio_task_new_full (file, cancellable, "digest", io_priority, 0,
                            digest_done, result, g_object_unref);

  /* The context that g_task_new () has taken. */
  qio_task_run_in_thread (task, digest_in_thread, GINT_TO_POINTER (type), NULL,
                          g_main_context_get_thread_default ());
}

static gchar *
digest_file_finish (GFile *file,
                    GAsyncResult *result,
                    GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, file), NULL);
  g_return_val_if_fail (g_async_result_is_tagged (result, digest_file_async),
                        NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

/* A program that uses them */

typedef struct
{
  GMainLoop *loop;
  guint n_pending;
  guint n_failed;
} Program;

static void
on_digest (GObject *object,
           GAsyncResult *result,
           gpointer user_data)
{
  Program *program = user_data;
  g_autofree gchar *name = g_file_get_parse_name (G_FILE (object));
  g_autofree gchar *digest = NULL;
  g_autoptr(GError) error = NULL;

  digest = digest_file_finish (G_FILE (object), result, &error);
  if (digest != NULL)
    g_print ("%s  %s\n", digest, name);
  else
    {
      g_printerr ("%s: %s\n", name, error->message);
      program->n_failed++;
    }

  program->n_pending--;
  if (program->n_pending == 0)
    g_main_loop_quit (program->loop);
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
  g_autoptr(GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr(GCancellable) interrupted = g_cancellable_new ();
  Program program = { .loop = loop, .n_pending = argc - 1 };
  guint interrupt;

  setlocale (LC_ALL, "");

  if (argc < 2)
    {
      g_printerr ("Usage: %s FILE…\n", argv[0]);
      return EXIT_USAGE;
    }

  interrupt = g_unix_signal_add (SIGINT, on_interrupt, interrupted);
  for (gint i = 1; i < argc; i++)
    {
      g_autoptr(GFile) file = g_file_new_for_commandline_arg (argv[i]);

      digest_file_async (file, G_CHECKSUM_SHA256, G_PRIORITY_DEFAULT,
                         interrupted, on_digest, &program);
    }

  g_main_loop_run (loop);
  g_source_remove (interrupt);

  if (g_cancellable_is_cancelled (interrupted))
    return EXIT_INTERRUPTED;

  return program.n_failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
