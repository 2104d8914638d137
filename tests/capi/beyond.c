/* SPDX-License-Identifier: MIT OR Apache-2.0 */

/* What else there is beyond the original: names, priorities, tasks that are
 * completed by nobody, a limit on threads, versions. */

#include "support.h"

#include <string.h>

static QIOTask *
named_task (Ending *ending,
            const gchar *name)
{
  return qio_task_new_full (NULL, NULL, name, G_PRIORITY_DEFAULT_IDLE, 0, ending_func, ending,
                            ending_freed);
}

static void
name_worker (QIOTask *task,
             gpointer opaque)
{
  gchar **comm = opaque;

  g_assert_cmpstr (qio_task_get_name (task), ==, "a name of some length");
  /* Where there is such a file; not that of Wine's server. */
  if (G_DIR_SEPARATOR == '/')
    g_file_get_contents ("/proc/thread-self/comm", comm, NULL, NULL);
}

static void
test_name (void)
{
  Ending ending = { 0 };
  gchar *comm = NULL;
  gchar *name = g_strdup ("a name of some length");
  QIOTask *task = named_task (&ending, name);

  no_longer_than_a_minute ();
  memset (name, 'x', strlen (name));
  g_free (name);
  g_assert_cmpstr (qio_task_get_name (task), ==, "a name of some length");
  qio_task_run_in_thread (task, name_worker, &comm, NULL, NULL);
  iterate_until (NULL, &ending.freed, 1);
  assert_ended_well (&ending);
  if (comm != NULL)
    g_assert_cmpstr (comm, ==, "a name of some \n");
  g_free (comm);
}

static void
test_no_name (void)
{
  Ending ending = { 0 };
  QIOTask *task = ending_task (&ending, NULL);

  no_longer_than_a_minute ();
  g_assert_null (qio_task_get_name (task));
  qio_task_complete (task);

  ending = (Ending) { 0 };
  task = named_task (&ending, NULL);
  g_assert_null (qio_task_get_name (task));
  qio_task_complete (task);
  assert_ended_well (&ending);
}

/* What can't be a thread's name or UTF-8 is a name all the same. */
static void
test_odd_names (void)
{
  static const gchar *const names[] = { "", "\xff\xfe", "a\nb", "very, very, very, very long" };

  no_longer_than_a_minute ();
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      Ending ending = { 0 };
      Ending held = { 0 };
      QIOTask *task = named_task (&held, names[i]);

      g_assert_cmpstr (qio_task_get_name (task), ==, names[i]);
      qio_task_complete (task);
      assert_ended_well (&held);
      task = named_task (&ending, names[i]);
      qio_task_run_in_thread (task, no_work, NULL, NULL, NULL);
      qio_task_wait_thread (task);
      assert_ended_well (&ending);
    }
}

static void
add_letter (QIOTask *task,
            gpointer order)
{
  g_string_append (order, qio_task_get_name (task));
}

static void
test_priority (void)
{
  static const struct
  {
    const gchar *name;
    gint priority;
  } tasks[] = {
    { "e", G_PRIORITY_LOW },          { "c", G_PRIORITY_DEFAULT_IDLE },
    { "b", G_PRIORITY_DEFAULT },      { "d", G_PRIORITY_DEFAULT_IDLE },
    { "a", G_PRIORITY_HIGH - 12345 },
  };
  GString *order = g_string_new (NULL);

  no_longer_than_a_minute ();
  for (gsize i = 0; i < G_N_ELEMENTS (tasks); i++)
    qio_task_complete_in_idle (qio_task_new_full (NULL, NULL, tasks[i].name, tasks[i].priority, 0,
                                                  add_letter, order, NULL));
  g_assert_cmpuint (order->len, ==, 0);
  while (order->len < G_N_ELEMENTS (tasks))
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpstr (order->str, ==, "abcde");
  g_string_free (order, TRUE);
}

static void
test_abandon (void)
{
  Ending ending = { 0 };

  no_longer_than_a_minute ();
  qio_task_abandon (ending_task (&ending, NULL));
  g_assert_cmpint (ending.calls, ==, 0);
  iterate_until (NULL, &ending.freed, 1);
  assert_ended_with (&ending, G_IO_ERROR_CLOSED);
}

static void
test_abandon_failed (void)
{
  Ending ending = { 0 };
  QIOTask *task = ending_task (&ending, NULL);

  no_longer_than_a_minute ();
  qio_task_set_error (task, g_error_new (G_IO_ERROR, G_IO_ERROR_BUSY, "Its own"));
  qio_task_abandon (task);
  iterate_until (NULL, &ending.freed, 1);
  assert_ended_with (&ending, G_IO_ERROR_BUSY);
}

static void
test_autoptr (void)
{
  Ending left = { 0 };
  Ending kept = { 0 };

  no_longer_than_a_minute ();
  {
    g_autoptr (QIOTask) task = ending_task (&left, NULL);
    g_autoptr (QIOTask) none = NULL;
    g_autoptr (QIOTask) stolen = ending_task (&kept, NULL);

    g_assert_null (none);
    g_assert_nonnull (task);
    qio_task_complete (g_steal_pointer (&stolen));
  }
  assert_ended_well (&kept);
  iterate_until (NULL, &left.freed, 1);
  assert_ended_with (&left, G_IO_ERROR_CLOSED);
}

static gint running;
static gint most_running;

static void
count_running (QIOTask *task G_GNUC_UNUSED,
               gpointer opaque G_GNUC_UNUSED)
{
  gint now = g_atomic_int_add (&running, 1) + 1;
  gint most;

  do
    most = g_atomic_int_get (&most_running);
  while (now > most && !g_atomic_int_compare_and_exchange (&most_running, most, now));
  g_usleep (G_USEC_PER_SEC / 100);
  g_atomic_int_add (&running, -1);
}

static void
count_ended (QIOTask *task G_GNUC_UNUSED,
             gpointer count)
{
  count_up (count);
}

static void
test_max_threads (void)
{
  enum { TASKS = 20 };
  guint max_threads = qio_task_get_max_threads ();
  gint ended = 0;

  no_longer_than_a_minute ();
  g_assert_cmpuint (max_threads, ==, 512);
  qio_task_set_max_threads (2);
  g_assert_cmpuint (qio_task_get_max_threads (), ==, 2);
  for (gint i = 0; i < TASKS; i++)
    qio_task_run_in_thread (qio_task_new (NULL, count_ended, &ended, NULL), count_running, NULL,
                            NULL, NULL);
  iterate_until (NULL, &ended, TASKS);
  g_assert_cmpint (most_running, <=, 2);
  qio_task_set_max_threads (max_threads);
}

/* Each worker waits until all are there. */
static void
meet (QIOTask *task G_GNUC_UNUSED,
      gpointer expected)
{
  g_atomic_int_add (&running, 1);
  while (g_atomic_int_get (&running) < GPOINTER_TO_INT (expected))
    g_usleep (1000);
}

static void
test_many_threads (void)
{
  enum { TASKS = 64 };
  gint ended = 0;

  no_longer_than_a_minute ();
  g_assert_cmpint (running, ==, 0);
  for (gint i = 0; i < TASKS; i++)
    qio_task_run_in_thread (qio_task_new (NULL, count_ended, &ended, NULL), meet,
                            GINT_TO_POINTER (TASKS), NULL, NULL);
  iterate_until (NULL, &ended, TASKS);
  running = 0;
}

static void
test_version (void)
{
  no_longer_than_a_minute ();
  g_assert_true (QIO_TASK_CHECK_VERSION (QIO_TASK_MAJOR_VERSION, QIO_TASK_MINOR_VERSION,
                                         QIO_TASK_MICRO_VERSION));
  g_assert_false (QIO_TASK_CHECK_VERSION (QIO_TASK_MAJOR_VERSION, QIO_TASK_MINOR_VERSION,
                                          QIO_TASK_MICRO_VERSION + 1));
  g_assert_false (QIO_TASK_CHECK_VERSION (QIO_TASK_MAJOR_VERSION, QIO_TASK_MINOR_VERSION + 1, 0));
  g_assert_false (QIO_TASK_CHECK_VERSION (QIO_TASK_MAJOR_VERSION + 1, 0, 0));
}

int
main (int argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/beyond/name", test_name);
  g_test_add_func ("/beyond/no-name", test_no_name);
  g_test_add_func ("/beyond/odd-names", test_odd_names);
  g_test_add_func ("/beyond/priority", test_priority);
  g_test_add_func ("/beyond/abandon", test_abandon);
  g_test_add_func ("/beyond/abandon-failed", test_abandon_failed);
  g_test_add_func ("/beyond/autoptr", test_autoptr);
  g_test_add_func ("/beyond/max-threads", test_max_threads);
  g_test_add_func ("/beyond/many-threads", test_many_threads);
  g_test_add_func ("/beyond/version", test_version);

  return g_test_run ();
}
