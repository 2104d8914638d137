/* SPDX-License-Identifier: MIT OR Apache-2.0 */

/* The one file of the program that knows <qio-task.h>. */

#ifndef HOST_H
#define HOST_H

/* Makes Object and Error what tasks are about and fail with. */
void host_install (void);

/* Cancels a task, which io-task.h can't. */
void host_cancel_task (void *task);

#endif /* HOST_H */
