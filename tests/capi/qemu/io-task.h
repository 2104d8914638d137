/* SPDX-License-Identifier: MIT OR Apache-2.0 */

/* The functions of <qio-task.h> as a program declares them whose objects are
 * Objects and whose errors are Errors. */

#ifndef QIO_TASK_H
#define QIO_TASK_H

#include "object.h"

#include <glib.h>

typedef struct QIOTask QIOTask;

typedef void (*QIOTaskFunc) (QIOTask *task,
                             gpointer opaque);

typedef void (*QIOTaskWorker) (QIOTask *task,
                               gpointer opaque);

QIOTask *qio_task_new (Object *source,
                       QIOTaskFunc func,
                       gpointer opaque,
                       GDestroyNotify destroy);

void qio_task_run_in_thread (QIOTask *task,
                             QIOTaskWorker worker,
                             gpointer opaque,
                             GDestroyNotify destroy,
                             GMainContext *context);

void qio_task_wait_thread (QIOTask *task);

void qio_task_complete (QIOTask *task);

/* As it is there since 2026. */
void qio_task_free (QIOTask *task);

void qio_task_set_error (QIOTask *task,
                         Error *error);

bool qio_task_propagate_error (QIOTask *task,
                               Error **errp);

void qio_task_set_result_pointer (QIOTask *task,
                                  gpointer result,
                                  GDestroyNotify destroy);

gpointer qio_task_get_result_pointer (QIOTask *task);

Object *qio_task_get_source (QIOTask *task);

#endif /* QIO_TASK_H */
