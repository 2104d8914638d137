/* SPDX-License-Identifier: MIT OR Apache-2.0 */

/* A plug-in that uses the library on a thread of its own. */

#include "../support.h"

static gpointer
use_it (gpointer opaque G_GNUC_UNUSED)
{
  Ending ending = { 0 };
  QIOTask *task = ending_task (&ending, NULL);

  qio_task_run_in_thread (task, no_work, NULL, NULL, NULL);
  qio_task_wait_thread (task);
  assert_ended_well (&ending);
  return NULL;
}

void plug_in_used (void);

/* When this returns the threads of the library are about to end: those do so at once whose
 * stack is not what is set. */
void
plug_in_used (void)
{
  g_thread_join (g_thread_new ("plug-in", use_it, NULL));
  qio_task_set_stack_size (qio_task_get_stack_size () + (1 << 16));
}
