/* SPDX-License-Identifier: MIT OR Apache-2.0 */

/* Tasks in a loop that never rests. */

#include "support.h"

static gboolean
go_on (gpointer rounds)
{
  count_up (rounds);
  return G_SOURCE_CONTINUE;
}

/* Always ready, at the priority of what an application does first. */
static guint
never_rest (gint *rounds)
{
  return g_idle_add_full (G_PRIORITY_DEFAULT, go_on, rounds, NULL);
}

static void
test_default (void)
{
  g_assert_cmpuint (qio_task_get_max_delay (), ==, 100);
}

static void
test_setting (void)
{
  qio_task_set_max_delay (G_MAXUINT);
  g_assert_cmpuint (qio_task_get_max_delay (), ==, G_MAXUINT);
  qio_task_set_max_delay (7);
  g_assert_cmpuint (qio_task_get_max_delay (), ==, 7);
  qio_task_set_max_delay (100);
}

/* Who has no turn gets one, after the delay; and a worker's task, too. */
static void
test_told (void)
{
  Ending endings[2] = { { 0 }, { 0 } };
  gint rounds = 0;
  guint busy = never_rest (&rounds);
  gint64 start = g_get_monotonic_time ();

  no_longer_than_a_minute ();
  qio_task_complete_in_idle (ending_task (&endings[0], NULL));
  qio_task_run_in_thread (ending_task (&endings[1], NULL), no_work, NULL, NULL, NULL);
  iterate_until (NULL, &endings[0].freed, 1);
  g_assert_cmpint (g_get_monotonic_time () - start, >=, 50 * G_TIME_SPAN_MILLISECOND);
  iterate_until (NULL, &endings[1].freed, 1);
  g_source_remove (busy);
  assert_ended_well (&endings[0]);
  assert_ended_well (&endings[1]);
}

/* With no delay at all, in the first round that is asked for what is due. */
static void
test_at_once (void)
{
  Ending ending = { 0 };
  gint rounds = 0;
  guint busy = never_rest (&rounds);

  no_longer_than_a_minute ();
  qio_task_set_max_delay (0);
  qio_task_complete_in_idle (ending_task (&ending, NULL));
  iterate_until (NULL, &ending.freed, 1);
  g_assert_cmpint (rounds, <=, 2);
  qio_task_set_max_delay (100);
  g_source_remove (busy);
  assert_ended_well (&ending);
}

/* Never, where the program wants the priorities to be kept. */
static void
test_never (void)
{
  Ending ending = { 0 };
  gint rounds = 0;
  guint busy = never_rest (&rounds);
  gint64 start = g_get_monotonic_time ();

  no_longer_than_a_minute ();
  qio_task_set_max_delay (G_MAXUINT);
  qio_task_complete_in_idle (ending_task (&ending, NULL));
  while (g_get_monotonic_time () - start < 200 * G_TIME_SPAN_MILLISECOND)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpint (ending.calls, ==, 0);
  g_source_remove (busy);
  iterate_until (NULL, &ending.freed, 1);
  qio_task_set_max_delay (100);
  assert_ended_well (&ending);
}

int
main (int argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/delay/default", test_default);
  g_test_add_func ("/delay/setting", test_setting);
  g_test_add_func ("/delay/told", test_told);
  g_test_add_func ("/delay/at-once", test_at_once);
  g_test_add_func ("/delay/never", test_never);

  return g_test_run ();
}
