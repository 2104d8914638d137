/* SPDX-License-Identifier: MIT OR Apache-2.0 */

#include "host.h"
#include "object.h"

#include <qio-task.h>

static gpointer
ref_source (gpointer source)
{
  return object_ref (source);
}

static void
unref_source (gpointer source)
{
  object_unref (source);
}

static void
propagate_error (gpointer *dest,
                 gpointer error)
{
  error_propagate ((Error **) dest, error);
}

static void
free_error (gpointer error)
{
  error_free (error);
}

static gpointer
new_error (const GError *error)
{
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  return error_new ("Cancelled");
}

void
host_install (void)
{
  /* It is copied. */
  QIOTaskHost host = { ref_source, unref_source, propagate_error, free_error, new_error };

  qio_task_set_host (&host);
}

void
host_cancel_task (void *task)
{
  qio_task_cancel (task);
}
