/* SPDX-License-Identifier: MIT OR Apache-2.0 */

/* How large the stacks of workers are. Each case is a process: whoever overflows a
 * stack ends it. */

#include "support.h"

#include <sys/resource.h>

enum { KIB = 1024, MIB = 1024 * 1024 };

enum { FRAME = 16 * KIB };

/* Uses so much of this thread's stack, and not much more. */
static __attribute__ ((noinline)) void
use_stack (gsize bytes)
{
  volatile gchar frame[FRAME];

  frame[0] = 1;
  frame[FRAME - 1] = 1;
  if (bytes > FRAME)
    use_stack (bytes - FRAME);
  /* After the call: so that it is one, and no jump. */
  frame[0] = frame[FRAME - 1];
}

static void
use_stack_in_thread (QIOTask *task G_GNUC_UNUSED,
                     gpointer bytes)
{
  use_stack (GPOINTER_TO_SIZE (bytes));
}

static void
run_one (gsize bytes)
{
  Ending ending = { 0 };
  QIOTask *task = ending_task (&ending, NULL);

  qio_task_run_in_thread (task, use_stack_in_thread, GSIZE_TO_POINTER (bytes), NULL, NULL);
  qio_task_wait_thread (task);
  assert_ended_well (&ending);
}

/* As in any thread of C. */
static void
test_platform (void)
{
  if (passes_in_child ())
    return;
  g_assert_cmpuint (qio_task_get_stack_size (), >=, 8 * MIB);
  run_one (4 * MIB);
}

static void
set_limit (rlim_t current)
{
  struct rlimit limit;

  g_assert_no_errno (getrlimit (RLIMIT_STACK, &limit));
  limit.rlim_cur = current;
  g_assert_no_errno (setrlimit (RLIMIT_STACK, &limit));
}

static void
test_limit (void)
{
  if (passes_in_child ())
    return;
  set_limit (64 * MIB);
  g_assert_cmpuint (qio_task_get_stack_size (), ==, 64 * MIB);
  run_one (48 * MIB);
}

static void
test_set (void)
{
  if (passes_in_child ())
    return;
  run_one (KIB);
  qio_task_set_stack_size (64 * MIB);
  g_assert_cmpuint (qio_task_get_stack_size (), ==, 64 * MIB);
  run_one (48 * MIB);
  /* It is what was said, and not what there is anyway. */
  set_limit (MIB);
  g_assert_cmpuint (qio_task_get_stack_size (), ==, 64 * MIB);
  run_one (48 * MIB);
}

static void
test_refused (void)
{
  const gsize sizes[] = { 0, 1, 64 * KIB - 1, G_MAXSIZE, G_MAXSSIZE };
  gsize before = qio_task_get_stack_size ();

  no_longer_than_a_minute ();
  for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      expect_critical ("qio_task_set_stack_size", "bytes");
      qio_task_set_stack_size (sizes[i]);
      g_test_assert_expected_messages ();
      g_assert_cmpuint (qio_task_get_stack_size (), ==, before);
    }
}

int
main (int argc,
      char **argv)
{
  /* It counts, too, where the program is in part in Rust. */
  g_unsetenv ("RUST_MIN_STACK");
  /* What the tests expect unless they say otherwise. */
  set_limit (8 * MIB);
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/stack/platform", test_platform);
  g_test_add_func ("/stack/limit", test_limit);
  g_test_add_func ("/stack/set", test_set);
  g_test_add_func ("/stack/refused", test_refused);

  return g_test_run ();
}
