/* SPDX-License-Identifier: MIT OR Apache-2.0 */

/*
 * Tasks on a main loop that never rests, and how long after it was due each is told.
 *
 * The programs of this folder keep the loop of a toolkit busy and leave the rest to this
 * library, which they may also load into an interpreter: none of the language's own code
 * runs in a worker or in a task's function then.
 */

#ifndef TOLD_H
#define TOLD_H

#include <glib.h>

G_BEGIN_DECLS

/* What the loop does over and over says so each time. From any thread. */
void told_turn (void);

/* Makes tasks on this thread's default main context from soon on, and ends the process when
 * it is known how they fare: with 0 if all is as it should be. @name is the loop's.
 *
 * With @bounded each of them is told within the bound, or a patient while. Without, the
 * bound is put off for ever, and none is told: else the loop rests now and then, and the
 * other run has shown nothing. */
void told_begin (const gchar *name,
                 gboolean bounded);

G_END_DECLS

#endif /* TOLD_H */
