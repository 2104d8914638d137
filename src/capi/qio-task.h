/* SPDX-License-Identifier: MIT OR Apache-2.0 */

/*
 * qio-task: asynchronous operations that end exactly once, on their own main
 * context, for programs that use GLib.
 */

#ifndef QIO_TASK_LIBRARY_H
#define QIO_TASK_LIBRARY_H

/* QEMU's own header of these functions declares them with its own types. */
#ifdef QIO_TASK_H
#error "QEMU's io/task.h can't be in this file, too: include one of the two, see docs/c.md, Hosts"
#endif

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * SECTION:qio-task
 * @title: QIOTask
 * @short_description: asynchronous operations that end exactly once
 *
 * A #QIOTask is one asynchronous operation. It is made with a function that is
 * called when it has ended, and ended in one of these ways:
 *
 * - qio_task_complete() calls the function at once, in this thread;
 * - qio_task_complete_in_idle() has an idle source of a #GMainContext call it;
 * - qio_task_run_in_thread() calls a blocking function in a thread, and then
 *   does the same.
 *
 * Each of them takes the task over: from then on it belongs to the library,
 * which frees it after the function has returned. A task that nobody will end
 * any more is given back with qio_task_abandon(), which has its function called
 * with an error, or with qio_task_free(): then that is never called.
 *
 * Who is used to free what they have completed, as programs of QEMU do since
 * 2026, calls qio_task_free() after that all the same: it does nothing then.
 *
 * When a task ends, these are freed in this order, on the thread that the
 * function was called on and after it has returned: the worker's data, the
 * data of the progress function, those of the message function, the reference
 * on the main context, the function's data, the result, an error that nobody
 * took, the reference on the source. qio_task_free() does it in the same order. A #GDestroyNotify is
 * called for %NULL, too.
 *
 * A task may be cancelled, or time out. Then its function is called promptly,
 * with an error, whether or not the operation takes notice. Whoever was to end
 * the task still does so, and that frees it: a worker's task on its main
 * context, one that is completed by hand on the thread that does it. What was
 * set too late is freed then, without a word.
 *
 * A task keeps the main context alive that its function is to be called on. One
 * that is never iterated again keeps its tasks, and they keep it.
 *
 * The functions may be called from any thread, unless they say otherwise. A
 * `QIOTask *` is not an address: a task that has been freed is known as such.
 * To use it is a critical warning and nothing else, as is any other misuse that
 * can be known: the call does nothing, and what it was given stays the caller's.
 *
 * In a child that was forked after the first task every function is a critical
 * warning, and does nothing: the threads of the library are its parent's.
 *
 * A task's source is a #GObject and its error a #GError, unless
 * qio_task_set_host() has said otherwise.
 */

/* Version */

/**
 * QIO_TASK_MAJOR_VERSION:
 *
 * The major version of the header, such as 1 in 1.2.3.
 */
#define QIO_TASK_MAJOR_VERSION (0)

/**
 * QIO_TASK_MINOR_VERSION:
 *
 * The minor version of the header, such as 2 in 1.2.3.
 */
#define QIO_TASK_MINOR_VERSION (1)

/**
 * QIO_TASK_MICRO_VERSION:
 *
 * The micro version of the header, such as 3 in 1.2.3.
 */
#define QIO_TASK_MICRO_VERSION (0)

/**
 * QIO_TASK_CHECK_VERSION:
 * @major: a major version
 * @minor: a minor version
 * @micro: a micro version
 *
 * Whether the header is of this version or a later one.
 */
#define QIO_TASK_CHECK_VERSION(major, minor, micro)                         \
  (QIO_TASK_MAJOR_VERSION > (major)                                         \
   || (QIO_TASK_MAJOR_VERSION == (major)                                    \
       && (QIO_TASK_MINOR_VERSION > (minor)                                 \
           || (QIO_TASK_MINOR_VERSION == (minor)                            \
               && QIO_TASK_MICRO_VERSION >= (micro)))))

/* Tasks */

/**
 * QIOTask:
 *
 * An asynchronous operation that ends exactly once.
 */
typedef struct _QIOTask QIOTask; /* QEMU's io/task.h can't be in this file, too: docs/c.md, Hosts */

/**
 * QIOTaskFunc:
 * @task: (transfer none): the task that has ended
 * @opaque: (nullable): what was given with the function
 *
 * Called when a task has ended. It asks the task for its error with
 * qio_task_propagate_error(), and for its result with
 * qio_task_get_result_pointer(). The task is freed after it has returned.
 */
typedef void (*QIOTaskFunc) (QIOTask *task,
                             gpointer opaque);

/**
 * QIOTaskWorker:
 * @task: (transfer none): the task
 * @opaque: (nullable): what was given with the worker
 *
 * Called in a thread, where it may block. It sets the task's result or its
 * error and returns; it does not complete the task.
 */
typedef void (*QIOTaskWorker) (QIOTask *task,
                               gpointer opaque);

/**
 * QIOTaskProgressFunc:
 * @task: (transfer none): the task
 * @fraction: what was reported last
 * @opaque: (nullable): what was given with the function
 *
 * Called with the progress of a task. See qio_task_set_progress_func().
 */
typedef void (*QIOTaskProgressFunc) (QIOTask *task,
                                     gdouble fraction,
                                     gpointer opaque);

/**
 * QIOTaskMessageFunc:
 * @task: (transfer none): the task
 * @message: (nullable) (transfer none): what was sent, which is freed as this has
 *   returned: take a reference or a copy of what is to outlive it
 * @opaque: (nullable): what was given with the function
 *
 * Called with each message of a task. See qio_task_set_message_func().
 *
 * Since: 0.1
 */
typedef void (*QIOTaskMessageFunc) (QIOTask *task,
                                    gpointer message,
                                    gpointer opaque);

/**
 * qio_task_new: (skip)
 * @source: (nullable) (transfer none): what the task is about
 * @func: (scope notified) (closure opaque) (destroy destroy): called when the
 *   task has ended
 * @opaque: (nullable): what @func is given
 * @destroy: (nullable): frees @opaque
 *
 * Makes a task. It takes a reference on @source, and gives it back after @func
 * has returned.
 *
 * Where this thread's default main context is not the global one, the task
 * takes a reference on it: it is where qio_task_complete_in_idle() and
 * qio_task_cancel() call @func.
 *
 * Returns: (transfer full): the task. qio_task_complete() and those that are
 *   listed with it take it over.
 */
QIOTask *qio_task_new (gpointer source,
                       QIOTaskFunc func,
                       gpointer opaque,
                       GDestroyNotify destroy);

/**
 * qio_task_new_full: (skip)
 * @source: (nullable) (transfer none): what the task is about
 * @cancellable: (nullable) (transfer none): cancels the task
 * @name: (nullable): what the task is called: in the kernel's list of threads
 *   while its worker runs (of which Linux shows 15 bytes), in traces, and as a
 *   #GTask
 * @priority: the priority of the source that calls @func, such as
 *   %G_PRIORITY_DEFAULT_IDLE, which qio_task_new() uses; of workers that wait
 *   for a thread the one of the lowest number starts first
 * @timeout_ms: after how many milliseconds, counted from now, the task ends
 *   with %G_IO_ERROR_TIMED_OUT; 0 for never
 * @func: (scope notified) (closure opaque) (destroy destroy): called when the
 *   task has ended
 * @opaque: (nullable): what @func is given
 * @destroy: (nullable): frees @opaque
 *
 * Makes a task as qio_task_new() does, that can be cancelled and can time out.
 *
 * When either happens first, @func is called with %G_IO_ERROR_CANCELLED or
 * %G_IO_ERROR_TIMED_OUT, through a source on this thread's default main
 * context or, once it runs in a thread, on the one that was given to
 * qio_task_run_in_thread(). Whoever holds the task ends it all the same, to
 * free it. Time passes for a task while its main context is iterated, while
 * somebody waits for it, and when its worker asks.
 *
 * A success that waits to be told still gives way to a cancellation, and to a
 * timeout whose source comes first: that one has %G_PRIORITY_DEFAULT.
 *
 * Returns: (transfer full): the task
 */
QIOTask *qio_task_new_full (gpointer source,
                            GCancellable *cancellable,
                            const gchar *name,
                            gint priority,
                            guint timeout_ms,
                            QIOTaskFunc func,
                            gpointer opaque,
                            GDestroyNotify destroy);

/**
 * qio_task_set_dedicated_thread:
 * @task: (transfer none): the task, before it is handed to a thread
 * @dedicated: whether its worker is to have a thread of its own
 *
 * Says that the worker of qio_task_run_in_thread() gets a thread of its own,
 * which ends with it and has the task's name. It is beside those of
 * qio_task_set_max_threads(), and waits for none of them.
 *
 * For a worker that runs for long, and for one that changes its thread for good:
 * its namespaces, credentials, processors, the priority of its I/O, a umask or a
 * folder of its own. It costs the start of a thread each time.
 *
 * With no thread to be had, the task waits for one of the others.
 */
void qio_task_set_dedicated_thread (QIOTask *task,
                                    gboolean dedicated);

/**
 * qio_task_set_worker_stack_size:
 * @task: (transfer none): the task, before it is handed to a thread
 * @bytes: from 64 KiB to 1 TiB, on systems of 32 bits to 1 GiB
 *
 * Says that the worker of qio_task_run_in_thread() gets a thread of its own, as
 * by qio_task_set_dedicated_thread(), with a stack of @bytes: for one that recurses
 * deeply. qio_task_set_stack_size() is for all others.
 *
 * With no such thread to be had the task ends with %G_IO_ERROR_WOULD_BLOCK, and
 * does not wait for one of another size.
 */
void qio_task_set_worker_stack_size (QIOTask *task,
                                     gsize bytes);

/**
 * qio_task_set_inactivity_timeout:
 * @task: (transfer none): the task, before it is ended or handed to a thread
 * @milliseconds: how long its worker may show no sign of life; 0 for as long as it likes
 *
 * Ends the task with %G_IO_ERROR_TIMED_OUT when its worker shows no sign of life for
 * so long: no qio_task_touch(), no qio_task_report_progress(), and no
 * qio_task_send_message(). It counts from the start of the worker, and beside the
 * timeout of qio_task_new_full(). The time does not count for which
 * qio_task_send_message() blocks.
 */
void qio_task_set_inactivity_timeout (QIOTask *task,
                                      guint milliseconds);

/**
 * qio_task_set_return_on_cancel:
 * @task: (transfer none): the task, before it is ended or handed to a thread
 * @at_once: whether the task's function hears of a cancellation, or of a timeout, at
 *   once
 *
 * It does by default. With %FALSE it hears of it as the worker has returned, whose
 * result is not wanted; the worker is told at once all the same. This is what
 * g_task_set_return_on_cancel() has by default.
 *
 * A worker that waits for a thread never starts, and its task ends at once. The
 * function of a task that is ended by hand hears of it as that is done.
 */
void qio_task_set_return_on_cancel (QIOTask *task,
                                    gboolean at_once);

/**
 * qio_task_run_in_thread:
 * @task: (transfer full): the task
 * @worker: (scope async) (closure opaque) (destroy destroy): called in a thread
 * @opaque: (nullable): what @worker is given
 * @destroy: (nullable): frees @opaque, after the task has ended
 * @context: (nullable) (transfer none): where the task's function is called;
 *   %NULL for the global default context. The task takes a reference on it
 *
 * Calls @worker in a thread, and then has an idle source of @context call the
 * task's function.
 *
 * Threads are added as they are needed, up to qio_task_set_max_threads(): a
 * worker that blocks delays no other. Where the system refuses a thread and
 * none is alive, the task ends with %G_IO_ERROR_WOULD_BLOCK.
 *
 * The thread has all signals blocked but those of faults, and so has a program
 * that a worker starts, unless that unblocks them. What a worker does to its
 * thread is undone before the next one: its name, its nice value and scheduling
 * policy, its signal mask, the thread-default main context, the locale of
 * uselocale(), the floating-point mode. What is left as it is, see
 * qio_task_set_dedicated_thread().
 *
 * A worker may end its thread, by pthread_exit() or as somebody cancels that by
 * pthread_cancel(). Then this thread alone ends, and another one takes the next
 * worker. The task ends with %G_IO_ERROR_CLOSED, or with the error that the worker
 * had set before. A cancellation takes effect in the worker, and neither in a
 * function of this library that it calls nor in what that calls; it comes too late
 * for a worker that returns without having noticed. Who calls pthread_cancel() has
 * to know that the worker has not returned. To call pthread_exit() in a function
 * that this library calls inside of the worker ends the process, and so does
 * g_thread_exit(), which GLib has for threads of its own.
 *
 * The task may still be waited for and cancelled until it has ended.
 */
void qio_task_run_in_thread (QIOTask *task,
                             QIOTaskWorker worker,
                             gpointer opaque,
                             GDestroyNotify destroy,
                             GMainContext *context);

/**
 * qio_task_wait_thread:
 * @task: (transfer none): a task that runs in a thread and has not ended
 *
 * Blocks until the worker has returned, takes back the queued completion, and
 * calls the task's function here. No main context is iterated meanwhile.
 *
 * A task that was cancelled or has timed out is waited for like any other, until
 * its function has been called.
 *
 * Messages of the task are told here as they come in: its worker may be waiting
 * for room.
 *
 * When the progress function is being called on another thread, the task's
 * function is called after that. When that one is being called there already,
 * this returns after that. When it has been, the task is gone: nobody may wait for a task
 * of which they can't know that it has not ended. Nor may a worker wait for its
 * own.
 */
void qio_task_wait_thread (QIOTask *task);

/**
 * qio_task_wait_worker:
 * @task: (transfer none): a task that was handed to a thread, also one of which the
 *   function was called meanwhile
 *
 * Blocks until the worker has returned, or never will run: also that of a task which
 * was cancelled or has timed out long ago. No main context is iterated meanwhile, and
 * the task's function is not called; its messages are told here, as by
 * qio_task_wait_thread(). A worker can't wait for its own.
 *
 * Returns at once when the task is gone, since the worker has returned then.
 */
void qio_task_wait_worker (QIOTask *task);

/**
 * qio_task_complete:
 * @task: (transfer full): the task
 *
 * Calls the task's function now, in this thread, and frees the task. When the
 * function has been called because the task was cancelled or has timed out,
 * only frees it.
 */
void qio_task_complete (QIOTask *task);

/**
 * qio_task_complete_in_idle:
 * @task: (transfer full): the task
 *
 * Has an idle source call the task's function, on the main context that was
 * the default of the thread that has made the task. From any thread.
 */
void qio_task_complete_in_idle (QIOTask *task);

/**
 * qio_task_abandon:
 * @task: (transfer full): the task
 *
 * Ends a task whose operation will never report: its function is called as
 * qio_task_complete_in_idle() does it, with %G_IO_ERROR_CLOSED unless another
 * error has been set. This is what `g_autoptr(QIOTask)` does, so that whoever
 * waits is told; qio_task_free() tells nobody.
 */
void qio_task_abandon (QIOTask *task);

/**
 * qio_task_free:
 * @task: (transfer full) (nullable): the task
 *
 * Frees a task that has not ended, here and now, in the order that is told
 * above. Its function is never called, nor is its progress function any more, nor
 * its message function: messages that wait are freed here. From any thread.
 *
 * A task that is not the caller's any more is left alone, without a warning:
 * one that has ended, and one that was handed on by qio_task_complete(),
 * qio_task_complete_in_idle(), qio_task_abandon() or qio_task_run_in_thread(),
 * whose function is still called and which then frees itself. So whoever
 * completes a task may free it afterwards, and this may be the #GDestroyNotify
 * of the source that is to complete it. %NULL is left alone, too.
 *
 * Where the function of a cancelled task, a progress function or a message
 * function is being called as its task is freed, that is freed as soon as this
 * has returned, on that thread. What GIO sees of a task, see qio_task_get_async_result(), fails
 * with %G_IO_ERROR_CLOSED unless another error has been set.
 */
void qio_task_free (QIOTask *task);

/**
 * qio_task_set_error:
 * @task: (transfer none): the task
 * @error: (nullable) (transfer full): a #GError, or what the host has instead
 *
 * Fails the task, until its function is called. %NULL does nothing. The first
 * error wins: later ones are freed.
 */
void qio_task_set_error (QIOTask *task,
                         gpointer error);

/**
 * qio_task_propagate_error:
 * @task: (transfer none): the task
 * @errp: (out) (optional) (nullable) (transfer full): where to move the error
 *   to; the address of a #GError pointer that is %NULL, or what the host has
 *   instead
 *
 * Moves the task's error out, or frees it when @errp is %NULL.
 *
 * Returns: whether there was one
 */
gboolean qio_task_propagate_error (QIOTask *task,
                                   gpointer *errp);

/**
 * qio_task_set_result_pointer: (skip)
 * @task: (transfer none): the task
 * @result: (nullable) (transfer full): the result
 * @destroy: (nullable): frees @result, after the task has ended
 *
 * Sets the task's result, until its function is called. One that was set
 * before is freed.
 */
void qio_task_set_result_pointer (QIOTask *task,
                                  gpointer result,
                                  GDestroyNotify destroy);

/**
 * qio_task_get_result_pointer:
 * @task: (transfer none): the task
 *
 * Returns: (transfer none) (nullable): the task's result, which the task still
 *   frees: take a reference or a copy of what is to outlive it
 */
gpointer qio_task_get_result_pointer (QIOTask *task);

/**
 * qio_task_get_source:
 * @task: (transfer none): the task
 *
 * Returns: (transfer none) (nullable): what the task is about
 */
gpointer qio_task_get_source (QIOTask *task);

/**
 * qio_task_get_name:
 * @task: (transfer none): the task
 *
 * Returns: (transfer none) (nullable): the name that the task was given
 */
const gchar *qio_task_get_name (QIOTask *task);

/**
 * qio_task_get_async_result:
 * @task: (transfer none): the task
 *
 * The task as GIO sees it, where the library was built with the backend
 * `gtask`: it is returned as %TRUE, or with the task's error, when the task's
 * function is called. It shows the task and is no other way to complete it.
 *
 * %NULL with the other backend, on a thread whose default main context is not
 * that of the task, and on one that has the global one for default and neither
 * owns it nor is the thread that the program began with.
 *
 * Returns: (transfer none) (nullable): a #GTask, which lives until the task's
 *   function has returned
 */
GAsyncResult *qio_task_get_async_result (QIOTask *task);

/* Cancelling */

/**
 * qio_task_cancel:
 * @task: (transfer none): the task
 *
 * Has the task's function called promptly, with %G_IO_ERROR_CANCELLED, through
 * its main context, unless it has been called. A task that has not been handed
 * to a thread is still to be ended by whoever holds it.
 *
 * A program that can't know whether the task has ended gives
 * qio_task_new_full() a #GCancellable instead.
 */
void qio_task_cancel (QIOTask *task);

/**
 * qio_task_is_cancelled:
 * @task: (transfer none): the task
 *
 * For workers: one that takes long asks this now and then.
 *
 * Returns: whether the task was cancelled or has timed out, so that nobody
 *   waits for its result any more
 */
gboolean qio_task_is_cancelled (QIOTask *task);

/**
 * qio_task_touch:
 * @task: (transfer none): the task
 *
 * For workers: a sign of life, after which the time of
 * qio_task_set_inactivity_timeout() counts anew.
 */
void qio_task_touch (QIOTask *task);

/**
 * qio_task_commit:
 * @task: (transfer none): the task
 *
 * For workers: the point of no return. Neither a cancellation nor a timeout ends the
 * task from here on, and what the worker sets is what the task's function hears of.
 * For what must not be left half done: the file is renamed, the record is written.
 *
 * Returns: %FALSE when the task was cancelled or has timed out: then nobody wants
 *   what was to be done
 */
gboolean qio_task_commit (QIOTask *task);

/**
 * qio_task_get_cancellable:
 * @task: (transfer none): the task
 *
 * For workers, of a task that runs in a thread: a cancellable for blocking
 * calls of GIO, that is cancelled when the task is cancelled or times out. It is
 * the task's own: cancelling it stops those calls and not the task.
 *
 * Returns: (transfer none): a cancellable, which lives as long as the task
 */
GCancellable *qio_task_get_cancellable (QIOTask *task);

/* Groups */

/**
 * QIOGroup:
 *
 * Tasks that belong together: those of a window or of a document, or one kind of work.
 *
 * A task is put in a group by qio_task_set_group(), whatever becomes of it: a worker,
 * or one that is completed by hand. Its function is called as without a group. It is
 * in the group until its function has returned and its worker has returned: a task
 * that was cancelled and whose worker goes on is in it still.
 *
 * A group may be in another one, see qio_group_new_within(): then the tasks of the
 * inner one are the outer one's, too.
 *
 * A group has a count of references. With the last one given back its tasks go on
 * as before, and what was set with qio_group_set_ended_func() is called all the same.
 *
 * The functions may be called from any thread. As with a #QIOTask, to use a group
 * that was freed is a critical warning, and nothing else.
 *
 * Since: 0.1
 */
typedef struct _QIOGroup QIOGroup;

/**
 * QIOGroupEndedFunc:
 * @group: (transfer none): the group, which the call has a reference on
 * @error: (nullable) (transfer none): the first error of a task of the group, or %NULL
 * @opaque: (nullable): what was given with the function
 *
 * Called when a group has no task any more. See qio_group_set_ended_func().
 *
 * Since: 0.1
 */
typedef void (*QIOGroupEndedFunc) (QIOGroup *group,
                                   const GError *error,
                                   gpointer opaque);

/**
 * qio_group_new: (skip)
 *
 * Makes a group without a task and without a limit.
 *
 * Returns: (transfer full): the group, to be given back with qio_group_unref()
 *
 * Since: 0.1
 */
QIOGroup *qio_group_new (void);

/**
 * qio_group_new_within: (skip)
 * @outer: (transfer none): the group that it is to be in
 *
 * Makes a group in @outer, whose tasks those of the new one are, too: they are cancelled
 * with it and counted in it, its limit holds for them beside that of their own group, and
 * it hears of their errors. Where @outer lets no more tasks in, the new one does not
 * either. It keeps @outer.
 *
 * Returns: (transfer full): the group, to be given back with qio_group_unref()
 *
 * Since: 0.1
 */
QIOGroup *qio_group_new_within (QIOGroup *outer);

/**
 * qio_group_get_computing: (skip)
 *
 * The group of this process for work that computes, as to decode images or to compute
 * hashes. Of its workers as many are at work at once as there are processors for this
 * process, unless qio_group_set_max_threads() says otherwise. More of them would not be
 * done sooner, would need memory for all that they have begun, and would take the
 * processor from the main loop. Work that waits, for a disk or a server, does not belong
 * here.
 *
 * It is never closed, as it has tasks of everybody: to close it is a critical warning.
 * What belongs to a window, too, goes in a group of that by qio_group_new_within().
 *
 * Returns: (transfer none): the group, which lives as long as the process
 *
 * Since: 0.1
 */
QIOGroup *qio_group_get_computing (void);

/**
 * qio_group_ref: (skip)
 * @group: (transfer none): the group
 *
 * Takes a reference on the group.
 *
 * Returns: (transfer full): the group
 *
 * Since: 0.1
 */
QIOGroup *qio_group_ref (QIOGroup *group);

/**
 * qio_group_unref:
 * @group: (transfer full): the group
 *
 * Gives a reference back. With the last one the caller has no group any more: its tasks
 * go on, and nobody can put another one in. This is what `g_autoptr(QIOGroup)` does.
 *
 * Since: 0.1
 */
void qio_group_unref (QIOGroup *group);

/**
 * qio_task_set_group:
 * @task: (transfer none): the task, before it is ended or handed to a thread
 * @group: (transfer none): the group
 *
 * Puts the task in the group, in which it is until it has ended and its worker has
 * returned. A task is in one group at most, and in those that this one is in.
 *
 * A group that lets no more tasks in has the task end with %G_IO_ERROR_CANCELLED, as
 * qio_task_cancel() does, and its worker never start. Whoever holds the task ends it all
 * the same.
 *
 * Since: 0.1
 */
void qio_task_set_group (QIOTask *task,
                         QIOGroup *group);

/**
 * qio_group_set_name:
 * @group: (transfer none): the group
 * @name: what the group is called: in the list of tasks and in traces
 *
 * Since: 0.1
 */
void qio_group_set_name (QIOGroup *group,
                         const gchar *name);

/**
 * qio_group_get_name:
 * @group: (transfer none): the group
 *
 * Returns: (transfer full) (nullable): the name that the group was given
 *
 * Since: 0.1
 */
gchar *qio_group_get_name (QIOGroup *group);

/**
 * qio_group_set_max_threads:
 * @group: (transfer none): the group
 * @max_threads: how many workers of the group may be at work at once; at least 1, and
 *   %G_MAXUINT for as many as there are
 *
 * As long as there is work, exactly so many are. The others wait without a thread: those
 * of a higher priority start first, equals in order. A task that is cancelled or times out
 * meanwhile is told at once, and its worker never starts. A worker whose task was
 * cancelled keeps its place until it has returned. One that waits for another task, by
 * qio_task_wait_thread() or qio_task_wait_worker(), lends its place meanwhile.
 *
 * A dedicated thread counts like all others. What qio_task_set_max_threads() has set stays
 * as it is, and no other group is held up.
 *
 * Since: 0.1
 */
void qio_group_set_max_threads (QIOGroup *group,
                                guint max_threads);

/**
 * qio_group_get_max_threads:
 * @group: (transfer none): the group
 *
 * Returns: how many workers of the group may be at work at once; 0 where none has
 *   been set
 *
 * Since: 0.1
 */
guint qio_group_get_max_threads (QIOGroup *group);

/**
 * qio_group_set_cancel_on_error:
 * @group: (transfer none): the group
 * @cancel: whether an error of a task cancels all others
 *
 * It does not by default. An error is each but a cancellation by this library: a timeout,
 * a task that was abandoned, a thread that was refused, and what qio_task_set_error() was
 * given. It counts as the worker returns, or the task is completed, and not as its
 * function is called. The group is closed with it, as by qio_group_close(): a task that is
 * put in it after the error is one of the others, too.
 *
 * Since: 0.1
 */
void qio_group_set_cancel_on_error (QIOGroup *group,
                                    gboolean cancel);

/**
 * qio_group_cancel:
 * @group: (transfer none): the group
 *
 * Cancels all tasks that are in the group now, as qio_task_cancel() does, those of groups
 * in it included. Tasks that come later are let in.
 *
 * Since: 0.1
 */
void qio_group_cancel (QIOGroup *group);

/**
 * qio_group_finish:
 * @group: (transfer none): the group
 *
 * Lets no more tasks in: one that comes ends with %G_IO_ERROR_CANCELLED, and its worker
 * never starts. Those that are in the group go on.
 *
 * Since: 0.1
 */
void qio_group_finish (QIOGroup *group);

/**
 * qio_group_close:
 * @group: (transfer none): the group
 *
 * Lets no more tasks in, and cancels all that are in the group: qio_group_finish() and
 * qio_group_cancel() in one.
 *
 * Since: 0.1
 */
void qio_group_close (QIOGroup *group);

/**
 * qio_group_close_on_dispose:
 * @group: (transfer none): the group
 * @object: (transfer none): a #GObject, also where the host has another type of sources
 *
 * Closes the group when @object is disposed of, as a window is that closes. Neither keeps
 * the other.
 *
 * Since: 0.1
 */
void qio_group_close_on_dispose (QIOGroup *group,
                                 GObject *object);

/**
 * qio_group_is_empty:
 * @group: (transfer none): the group
 *
 * Returns: whether no task is in the group, nor in a group in it
 *
 * Since: 0.1
 */
gboolean qio_group_is_empty (QIOGroup *group);

/**
 * qio_group_get_n_tasks:
 * @group: (transfer none): the group
 *
 * Returns: how many tasks are in the group, those of groups in it included
 *
 * Since: 0.1
 */
guint qio_group_get_n_tasks (QIOGroup *group);

/**
 * qio_group_is_closed:
 * @group: (transfer none): the group
 *
 * Returns: whether no more tasks are let in, by qio_group_close() or qio_group_finish()
 *
 * Since: 0.1
 */
gboolean qio_group_is_closed (QIOGroup *group);

/**
 * qio_group_wait:
 * @group: (transfer none): the group
 * @error: return location for the first error that a task of the group ever had, or %NULL
 *
 * Blocks until no task is in the group: the function of each has returned, and so has
 * each worker. For a program, or a thread, that runs no loop.
 *
 * Functions that are for this thread's default main context are called here, one after
 * the other, as by qio_task_wait_thread(). For other contexts other threads have to
 * iterate them; and a task that is completed by hand has to be by another thread, since
 * this one does nothing else meanwhile. The caller keeps its reference for as long.
 *
 * The errors are those of qio_group_set_ended_func().
 *
 * Returns: %TRUE if no task of the group has had an error; %FALSE with @error set
 *
 * Since: 0.1
 */
gboolean qio_group_wait (QIOGroup *group,
                         GError **error);

/**
 * qio_group_set_ended_func:
 * @group: (transfer none): the group
 * @func: (scope notified) (closure opaque) (destroy destroy): called once
 * @opaque: (nullable): what @func is given
 * @destroy: (nullable): frees @opaque, after @func has returned, on the same thread
 *
 * Has @func called once when no task is in the group: the function of each has returned,
 * and so has each worker, also of a task that was cancelled long ago. It is called by an
 * idle source of this thread's default main context, and soon where there is no task
 * now. Tasks that come until then are waited for, too: close the group before, or finish
 * it, unless that is as it should be. @func has a reference on the group until it was
 * called.
 *
 * It is told the first error that a task of the group ever had, as a #GError: what
 * qio_task_set_error() was given, where errors are a #GError, and %G_IO_ERROR_FAILED where
 * the host has another type; %G_IO_ERROR_TIMED_OUT, %G_IO_ERROR_CLOSED or
 * %G_IO_ERROR_WOULD_BLOCK for a task that has timed out, was abandoned or was refused a
 * thread. A task that was cancelled is no error.
 *
 * Replaces what was set before and has not been called, which is freed here. The group
 * does not keep the main context alive: when that is freed, so is @opaque, and @func is
 * not called.
 *
 * Since: 0.1
 */
void qio_group_set_ended_func (QIOGroup *group,
                               QIOGroupEndedFunc func,
                               gpointer opaque,
                               GDestroyNotify destroy);

/* Progress */

/**
 * qio_task_set_progress_func:
 * @task: (transfer none): the task, before it is handed to a thread
 * @func: (scope notified) (closure opaque) (destroy destroy): called with the
 *   progress
 * @opaque: (nullable): what @func is given
 * @destroy: (nullable): frees @opaque, after the task has ended
 *
 * Says who is told of the progress of the task: @func, through the same main
 * context and at the same priority as the task's own function, and before it; on
 * the thread that calls that one, when it is called elsewhere. Replaces, and
 * frees, what was set before.
 *
 * It is called once in 16 milliseconds at most, or in what was set with
 * qio_task_set_progress_interval(), so that a worker may report as often as it
 * likes: the first value is told at once, the last one before the task's own
 * function is called, and none after that.
 */
void qio_task_set_progress_func (QIOTask *task,
                                 QIOTaskProgressFunc func,
                                 gpointer opaque,
                                 GDestroyNotify destroy);

/**
 * qio_task_set_progress_interval:
 * @task: (transfer none): the task, before it is handed to a thread
 * @milliseconds: how long it is from one call of the progress function to the
 *   next at least, 16 by default; 0 for each as soon as the main context is
 *   ready for it
 *
 * Says how often the progress function is called at most. The last call, before
 * the task's own function, does not wait for that.
 */
void qio_task_set_progress_interval (QIOTask *task,
                                     guint milliseconds);

/**
 * qio_task_report_progress:
 * @task: (transfer none): the task
 * @fraction: how much is done, usually from 0 to 1
 *
 * Reports progress. Between two calls of the progress function values replace
 * each other: intermediate ones may be skipped, the last one before the task
 * completes never is. Does nothing when there is no such function, or when the
 * task has been cancelled or has timed out.
 */
void qio_task_report_progress (QIOTask *task,
                               gdouble fraction);

/* Messages */

/**
 * qio_task_set_message_func:
 * @task: (transfer none): the task, before it is ended or handed to a thread
 * @bound: how many messages may wait; at least 1
 * @func: (scope notified) (closure opaque) (destroy destroy): called with each
 *   message
 * @opaque: (nullable): what @func is given
 * @destroy: (nullable): frees @opaque, after the task has ended
 *
 * Says who is told of the messages of the task, of which each counts, in the order
 * in which they were sent: @func, through the same main context and at the same
 * priority as the task's own function. Each that was sent before the task ended, be
 * it by a cancellation or a timeout, comes before that one, and none after it. Where
 * only the newest value counts, see qio_task_set_progress_func(), which never has a
 * worker wait.
 *
 * Many are told in one iteration of the main context, which gets to its other sources
 * after about 2 milliseconds. They are told on another thread where that waits for the
 * task by qio_task_wait_thread() or qio_task_wait_worker(), or ends it by
 * qio_task_complete(); one after the other all the same. When @func iterates the main
 * context, waits for the task or sends so much itself that it has to wait for room, it
 * is called with the next ones meanwhile.
 *
 * A task has one such function, which stays.
 *
 * Since: 0.1
 */
void qio_task_set_message_func (QIOTask *task,
                                guint bound,
                                QIOTaskMessageFunc func,
                                gpointer opaque,
                                GDestroyNotify destroy);

/**
 * qio_task_send_message:
 * @task: (transfer none): a task with a message function, see
 *   qio_task_set_message_func()
 * @message: (nullable) (transfer full): what is to be told
 * @destroy: (nullable): frees @message
 *
 * Sends a message. While as many wait as may, this blocks until there is room, or
 * until the task has ended. From the worker, or any other thread that knows that the
 * task is there; on one that iterates the task's main context nobody else would make
 * room, so messages that wait are told here.
 *
 * Once the task has ended, be it by a cancellation or a timeout of which its function
 * has not heard yet, no message is let in.
 *
 * @message is freed once in any case, unless the call is a critical warning: after the
 * message function has returned, on its thread; as qio_task_free() frees the task; or
 * here, when this returns %FALSE.
 *
 * Returns: whether the message is told; %FALSE when the task has ended
 *
 * Since: 0.1
 */
gboolean qio_task_send_message (QIOTask *task,
                                gpointer message,
                                GDestroyNotify destroy);

/**
 * qio_task_try_send_message:
 * @task: (transfer none): a task with a message function, see
 *   qio_task_set_message_func()
 * @message: (nullable): what is to be told, which is taken over if there is room
 * @destroy: (nullable): frees @message then
 *
 * As qio_task_send_message(), but neither blocks nor calls anything. What is not sent
 * stays the caller's.
 *
 * Returns: whether the message is told; %FALSE when as many wait as may, or when the
 *   task has ended, which qio_task_is_cancelled() tells a worker
 *
 * Since: 0.1
 */
gboolean qio_task_try_send_message (QIOTask *task,
                                    gpointer message,
                                    GDestroyNotify destroy);

/* Threads */

/**
 * qio_task_set_max_threads:
 * @max_threads: how many threads run workers at once at most, 512 by default;
 *   at least 1
 *
 * Beyond it, tasks wait: those of a higher priority start first, equals in
 * order. Applies to all tasks of the process.
 */
void qio_task_set_max_threads (guint max_threads);

/**
 * qio_task_get_max_threads:
 *
 * Returns: how many threads run workers at once at most
 */
guint qio_task_get_max_threads (void);

/**
 * qio_task_set_stack_size:
 * @bytes: how large the stacks of the threads are that run workers; at least
 *   64 KiB, at most 1 TiB (on systems of 32 bits 1 GiB)
 *
 * Unless this is called they are as large as that of the main thread: the soft
 * limit of the process (`ulimit -s`, `RLIMIT_STACK`), mostly 8 MiB, and 8 MiB
 * where that is unlimited. A stack costs address space, and of memory only what
 * is used of it.
 *
 * Holds for every worker that starts from now on: threads with another stack go
 * as they finish, idle ones at once. Applies to all tasks of the process. With
 * more than the system has, tasks end with %G_IO_ERROR_WOULD_BLOCK, as threads
 * are refused.
 */
void qio_task_set_stack_size (gsize bytes);

/**
 * qio_task_get_stack_size:
 *
 * Returns: how large the stacks of the threads are that run workers, in bytes
 */
gsize qio_task_get_stack_size (void);

/* Main loops */

/**
 * qio_task_set_max_delay:
 * @milliseconds: for how long what is due on a main context may have no turn,
 *   100 by default; %G_MAXUINT for ever
 *
 * Tasks end at their own priority, mostly %G_PRIORITY_DEFAULT_IDLE. In a loop
 * that never rests at a higher one they would never end. So what has had no turn
 * for this long gets one at %G_PRIORITY_DEFAULT: for about 2 ms, in order. What
 * has its turns at its own priority is not hastened. Applies to all tasks of the
 * process, at once.
 */
void qio_task_set_max_delay (guint milliseconds);

/**
 * qio_task_get_max_delay:
 *
 * Returns: for how long what is due on a main context may have no turn, in
 *   milliseconds
 */
guint qio_task_get_max_delay (void);

/* Hosts */

/**
 * QIOTaskHost: (skip)
 * @ref_source: takes a reference on a source, which is not %NULL; what it
 *   returns is ignored
 * @unref_source: gives it back
 * @propagate_error: moves @error to @dest, or frees it when @dest is %NULL
 * @free_error: frees an error
 * @new_error: makes an error that says what @error says, for a task that was
 *   cancelled, has timed out, was abandoned, or was refused a thread; never
 *   %NULL
 *
 * The object system and the error type of a program, where they are not
 * #GObject and #GError. All functions are needed, and may be called from any
 * thread.
 */
typedef struct _QIOTaskHost QIOTaskHost;

struct _QIOTaskHost
{
  gpointer (*ref_source) (gpointer source);
  void (*unref_source) (gpointer source);
  void (*propagate_error) (gpointer *dest,
                           gpointer error);
  void (*free_error) (gpointer error);
  gpointer (*new_error) (const GError *error);
};

/**
 * qio_task_set_host: (skip)
 * @host: (transfer none): the object system and the error type; copied
 *
 * Replaces #GObject and #GError, for the whole process. To be called once,
 * before the first task is made.
 */
void qio_task_set_host (const QIOTaskHost *host);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (QIOTask, qio_task_abandon)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (QIOGroup, qio_group_unref)

G_END_DECLS

#endif /* QIO_TASK_LIBRARY_H */
