/* SPDX-License-Identifier: MIT OR Apache-2.0 */

/* Errors and results: set, set again, taken or left. */

#include "support.h"

static gint errors_freed;

#if GLIB_CHECK_VERSION (2, 68, 0)

/* An error that counts how often one of its kind is freed. */
typedef struct
{
  gint unused;
} CountedErrorPrivate;

static void
counted_error_private_init (CountedErrorPrivate *private G_GNUC_UNUSED)
{
}

static void
counted_error_private_copy (const CountedErrorPrivate *from G_GNUC_UNUSED,
                            CountedErrorPrivate *to G_GNUC_UNUSED)
{
  g_assert_not_reached ();
}

static void
counted_error_private_clear (CountedErrorPrivate *private G_GNUC_UNUSED)
{
  g_atomic_int_inc (&errors_freed);
}

GQuark counted_error_quark (void);

G_DEFINE_EXTENDED_ERROR (CountedError, counted_error)

#else

static GQuark
counted_error_quark (void)
{
  return g_quark_from_static_string ("counted-error");
}

#endif

static GError *
new_error (gint code)
{
  return g_error_new (counted_error_quark (), code, "Error %d", code);
}

/* Asserts how many errors have been freed since the test has begun. An older
 * GLib can't tell; there valgrind still can. */
static void
assert_errors_freed (gint expected)
{
  if (GLIB_CHECK_VERSION (2, 68, 0))
    g_assert_cmpint (g_atomic_int_get (&errors_freed), ==, expected);
}

static void
begin (void)
{
  no_longer_than_a_minute ();
  errors_freed = 0;
}

static void
ignore (QIOTask *task G_GNUC_UNUSED,
        gpointer opaque G_GNUC_UNUSED)
{
}

static void
test_first_wins (void)
{
  Ending ending = { 0 };
  QIOTask *task = ending_task (&ending, NULL);
  GError *first = new_error (1);

  begin ();
  qio_task_set_error (task, first);
  assert_errors_freed (0);
  qio_task_set_error (task, new_error (2));
  assert_errors_freed (1);
  qio_task_set_error (task, new_error (3));
  assert_errors_freed (2);
  qio_task_complete (task);
  g_assert_true (ending.error == first);
  g_assert_cmpstr (first->message, ==, "Error 1");
  assert_errors_freed (2);
  g_error_free (first);
}

static void
test_null (void)
{
  Ending ending = { 0 };
  QIOTask *task = ending_task (&ending, NULL);
  GError *error = new_error (1);

  begin ();
  qio_task_set_error (task, NULL);
  g_assert_no_error (take_error (task));
  qio_task_set_error (task, error);
  qio_task_set_error (task, NULL);
  qio_task_complete (task);
  g_assert_true (ending.error == error);
  assert_errors_freed (0);
  g_error_free (error);
}

static void
test_only_null (void)
{
  Ending ending = { 0 };
  QIOTask *task = ending_task (&ending, NULL);

  begin ();
  qio_task_set_error (task, NULL);
  qio_task_complete (task);
  assert_ended_well (&ending);
}

static void
drop_error (QIOTask *task,
            gpointer had_error)
{
  *(gboolean *) had_error = qio_task_propagate_error (task, NULL);
}

static void
test_propagate_nowhere (void)
{
  gboolean had_error = FALSE;
  QIOTask *task = qio_task_new (NULL, drop_error, &had_error, NULL);

  begin ();
  qio_task_set_error (task, new_error (1));
  qio_task_complete (task);
  g_assert_true (had_error);
  assert_errors_freed (1);

  qio_task_complete (qio_task_new (NULL, drop_error, &had_error, NULL));
  g_assert_false (had_error);
}

static void
take_error_twice (QIOTask *task,
                  gpointer errp)
{
  GError *none;

  *(GError **) errp = take_error (task);
  none = take_error (task);
  g_assert_no_error (none);
  g_assert_false (qio_task_propagate_error (task, NULL));
}

static void
test_propagate_twice (void)
{
  GError *error = NULL;
  QIOTask *task = qio_task_new (NULL, take_error_twice, &error, NULL);

  begin ();
  qio_task_set_error (task, new_error (1));
  qio_task_complete (task);
  g_assert_error (error, counted_error_quark (), 1);
  assert_errors_freed (0);
  g_error_free (error);
  assert_errors_freed (1);
}

/* Taken from a task before it ends: it ends well, or with another one. */
static void
test_taken_before_the_end (void)
{
  Ending ending = { 0 };
  QIOTask *task = ending_task (&ending, NULL);
  GError *error;

  begin ();
  qio_task_set_error (task, new_error (1));
  error = take_error (task);
  g_assert_error (error, counted_error_quark (), 1);
  g_error_free (error);
  qio_task_complete (task);
  assert_ended_well (&ending);
}

static void
test_not_taken (void)
{
  QIOTask *task = qio_task_new (NULL, ignore, NULL, NULL);

  begin ();
  qio_task_set_error (task, new_error (1));
  qio_task_complete (task);
  assert_errors_freed (1);
}

static void
test_error_and_result (void)
{
  Ending ending = { 0 };
  gint freed = 0;
  QIOTask *task = ending_task (&ending, NULL);

  begin ();
  qio_task_set_result_pointer (task, &freed, count_up);
  qio_task_set_error (task, new_error (1));
  g_assert_true (qio_task_get_result_pointer (task) == &freed);
  qio_task_complete (task);
  g_assert_error (ending.error, counted_error_quark (), 1);
  g_assert_true (ending.result == &freed);
  g_assert_cmpint (freed, ==, 1);
  g_error_free (ending.error);
}

static void
test_result_twice (void)
{
  Ending ending = { 0 };
  gint first = 0;
  gint second = 0;
  QIOTask *task = ending_task (&ending, NULL);

  begin ();
  qio_task_set_result_pointer (task, &first, count_up);
  qio_task_set_result_pointer (task, &second, count_up);
  g_assert_cmpint (first, ==, 1);
  g_assert_cmpint (second, ==, 0);
  qio_task_complete (task);
  g_assert_true (ending.result == &second);
  g_assert_cmpint (first, ==, 1);
  g_assert_cmpint (second, ==, 1);
  assert_ended_well (&ending);
}

static void
test_result_taken_back (void)
{
  Ending ending = { 0 };
  gint freed = 0;
  QIOTask *task = ending_task (&ending, NULL);

  begin ();
  g_assert_null (qio_task_get_result_pointer (task));
  qio_task_set_result_pointer (task, &freed, count_up);
  qio_task_set_result_pointer (task, NULL, NULL);
  g_assert_cmpint (freed, ==, 1);
  g_assert_null (qio_task_get_result_pointer (task));
  qio_task_complete (task);
  g_assert_null (ending.result);
  g_assert_cmpint (freed, ==, 1);
}

static void
test_result_that_nobody_frees (void)
{
  Ending ending = { 0 };
  gint result = 0;
  QIOTask *task = ending_task (&ending, NULL);

  begin ();
  qio_task_set_result_pointer (task, &result, NULL);
  qio_task_complete (task);
  g_assert_true (ending.result == &result);
}

static void
fail_twice (QIOTask *task,
            gpointer freed)
{
  qio_task_set_error (task, new_error (1));
  qio_task_set_error (task, new_error (2));
  qio_task_set_result_pointer (task, freed, count_up);
  qio_task_set_result_pointer (task, freed, count_up);
}

static void
test_in_thread (void)
{
  Ending ending = { 0 };
  gint freed = 0;
  QIOTask *task = ending_task (&ending, NULL);

  begin ();
  qio_task_run_in_thread (task, fail_twice, &freed, NULL, NULL);
  iterate_until (NULL, &ending.freed, 1);
  g_assert_error (ending.error, counted_error_quark (), 1);
  g_assert_true (ending.result == &freed);
  g_assert_cmpint (freed, ==, 2);
  assert_errors_freed (1);
  g_error_free (ending.error);
}

/* What is set before a task is handed to a thread counts as the first. */
static void
test_before_thread (void)
{
  Ending ending = { 0 };
  gint freed = 0;
  QIOTask *task = ending_task (&ending, NULL);

  begin ();
  qio_task_set_error (task, new_error (3));
  qio_task_run_in_thread (task, fail_twice, &freed, NULL, NULL);
  qio_task_wait_thread (task);
  g_assert_error (ending.error, counted_error_quark (), 3);
  assert_errors_freed (2);
  g_error_free (ending.error);
}

int
main (int argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/errors/first-wins", test_first_wins);
  g_test_add_func ("/errors/null", test_null);
  g_test_add_func ("/errors/only-null", test_only_null);
  g_test_add_func ("/errors/propagate-nowhere", test_propagate_nowhere);
  g_test_add_func ("/errors/propagate-twice", test_propagate_twice);
  g_test_add_func ("/errors/taken-before-the-end", test_taken_before_the_end);
  g_test_add_func ("/errors/not-taken", test_not_taken);
  g_test_add_func ("/errors/with-result", test_error_and_result);
  g_test_add_func ("/errors/result-twice", test_result_twice);
  g_test_add_func ("/errors/result-taken-back", test_result_taken_back);
  g_test_add_func ("/errors/result-that-nobody-frees", test_result_that_nobody_frees);
  g_test_add_func ("/errors/in-thread", test_in_thread);
  g_test_add_func ("/errors/before-thread", test_before_thread);

  return g_test_run ();
}
