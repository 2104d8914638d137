/* SPDX-License-Identifier: MIT OR Apache-2.0 */

/* Messages: each is told, in order, before the task's function is called; so many wait and no
 * more; and each is freed once, told or not. */

#include "support.h"

enum
{
  BOUND = 8,
  MANY = 10 * 1000
};

/* What the message function was told, besides what the task's function was. */
typedef struct
{
  Ending ending;
  QIOTask *task;
  GThread *thread;
  /* The messages that were sent, told and freed, and how many were refused. */
  gint sent;
  gint told;
  gint freed;
  gint refused;
  gint func_freed;
  /* How many a worker sends. */
  gint count;
  Gate is_full;
  Gate may_go_on;
} Told;

/* A message has its number, and says where it is counted as freed. */
typedef struct
{
  Told *told;
  gint number;
} Message;

static Message *
message_new (Told *told)
{
  Message *message = g_new (Message, 1);

  message->told = told;
  message->number = g_atomic_int_add (&told->sent, 1);
  return message;
}

static void
message_free (gpointer opaque)
{
  Message *message = opaque;

  g_atomic_int_inc (&message->told->freed);
  g_free (message);
}

static void
tell (QIOTask *task,
      gpointer opaque,
      gpointer data)
{
  Message *message = opaque;
  Told *told = data;

  g_assert_nonnull (task);
  g_assert_true (message->told == told);
  g_assert_cmpint (told->ending.calls, ==, 0);
  g_assert_cmpint (told->func_freed, ==, 0);
  g_assert_cmpint (message->number, ==, told->told);
  told->thread = g_thread_self ();
  g_atomic_int_inc (&told->told);
}

static void
func_freed (gpointer opaque)
{
  Told *told = opaque;

  g_assert_cmpint (told->ending.freed, ==, 0);
  told->func_freed++;
}

static QIOTask *
new_task (Told *told,
          guint bound)
{
  told->task = ending_task (&told->ending, NULL);
  qio_task_set_message_func (told->task, bound, tell, told, func_freed);
  return told->task;
}

/* Sends one. Says whether it was let in. */
static gboolean
send (Told *told)
{
  gboolean is_sent = qio_task_send_message (told->task, message_new (told), message_free);

  if (!is_sent)
    g_atomic_int_inc (&told->refused);
  return is_sent;
}

static void
fill (Told *told)
{
  for (gint i = 0; i < BOUND; i++)
    g_assert_true (send (told));
}

/* Asserts that so many were told, all others refused, and each freed. */
static void
assert_told (Told *told,
             gint count)
{
  g_assert_cmpint (told->told, ==, count);
  g_assert_cmpint (told->sent, ==, count + told->refused);
  g_assert_cmpint (told->freed, ==, told->sent);
  g_assert_cmpint (told->func_freed, ==, 1);
}

static void
send_many (QIOTask *task,
           gpointer opaque)
{
  Told *told = opaque;

  g_assert_true (task == told->task);
  for (gint i = 0; i < told->count; i++)
    g_assert_true (send (told));
}

static void
test_order (gconstpointer bound)
{
  Told told = { .count = MANY };
  GMainContext *context = g_main_context_new ();

  no_longer_than_a_minute ();
  qio_task_run_in_thread (new_task (&told, GPOINTER_TO_UINT (bound)), send_many, &told, NULL,
                          context);
  iterate_until (context, &told.ending.freed, 1);
  iterate_all (context);
  assert_ended_well (&told.ending);
  assert_told (&told, MANY);
  g_assert_true (told.thread == g_thread_self ());
  g_main_context_unref (context);
}

/* They are there while the worker goes on. */
static void
send_and_wait (QIOTask *task,
               gpointer opaque)
{
  Told *told = opaque;

  send_many (task, told);
  gate_wait (&told->may_go_on);
}

static void
test_while_working (void)
{
  Told told = { .count = 3 };

  no_longer_than_a_minute ();
  qio_task_run_in_thread (new_task (&told, BOUND), send_and_wait, &told, NULL, NULL);
  iterate_until (NULL, &told.told, 3);
  g_assert_cmpint (told.ending.calls, ==, 0);
  gate_open (&told.may_go_on);
  iterate_until (NULL, &told.ending.freed, 1);
  assert_ended_well (&told.ending);
  assert_told (&told, 3);
}

/* So many wait, and then the worker does. */
static void
send_one_more (QIOTask *task G_GNUC_UNUSED,
               gpointer opaque)
{
  Told *told = opaque;
  Message *refused;

  fill (told);
  refused = g_new (Message, 1);
  g_assert_false (qio_task_try_send_message (told->task, refused, unexpected_destroy));
  g_free (refused);
  gate_open (&told->is_full);
  g_atomic_int_set (&told->count, send (told) ? 1 : -1);
}

static void
test_bound (void)
{
  Told told = { 0 };

  no_longer_than_a_minute ();
  qio_task_run_in_thread (new_task (&told, BOUND), send_one_more, &told, NULL, NULL);
  gate_wait (&told.is_full);
  /* It would not take so long if there were room. */
  g_usleep (G_USEC_PER_SEC / 20);
  g_assert_cmpint (g_atomic_int_get (&told.count), ==, 0);
  iterate_until (NULL, &told.ending.freed, 1);
  g_assert_cmpint (told.count, ==, 1);
  assert_ended_well (&told.ending);
  assert_told (&told, BOUND + 1);
}

/* A full bound that is cancelled: the worker is told at once, and what was let in is told. */
static void
test_cancelled (void)
{
  Told told = { 0 };
  QIOTask *task = new_task (&told, BOUND);

  no_longer_than_a_minute ();
  qio_task_run_in_thread (task, send_one_more, &told, NULL, NULL);
  gate_wait (&told.is_full);
  qio_task_cancel (task);
  while (g_atomic_int_get (&told.count) == 0)
    g_thread_yield ();
  g_assert_cmpint (told.count, ==, -1);
  g_assert_cmpint (told.told, ==, 0);
  iterate_until (NULL, &told.ending.freed, 1);
  assert_ended_with (&told.ending, G_IO_ERROR_CANCELLED);
  assert_told (&told, BOUND);
  g_assert_cmpint (told.refused, ==, 1);
}

/* The time for which it waits for room is none of the worker's. */
static void
test_inactivity (void)
{
  Told told = { 0 };
  QIOTask *task = new_task (&told, BOUND);

  no_longer_than_a_minute ();
  qio_task_set_inactivity_timeout (task, 250);
  qio_task_run_in_thread (task, send_one_more, &told, NULL, NULL);
  gate_wait (&told.is_full);
  g_usleep (G_USEC_PER_SEC / 2);
  iterate_until (NULL, &told.ending.freed, 1);
  assert_ended_well (&told.ending);
  assert_told (&told, BOUND + 1);
}

/* Who waits tells them: nobody else would, and the worker waits for room. */
static void
test_waited_for (void)
{
  Told told = { .count = MANY };
  GMainContext *context = g_main_context_new ();
  QIOTask *task = new_task (&told, BOUND);

  no_longer_than_a_minute ();
  qio_task_run_in_thread (task, send_many, &told, NULL, context);
  qio_task_wait_thread (task);
  assert_ended_well (&told.ending);
  assert_told (&told, MANY);
  iterate_all (context);
  g_main_context_unref (context);
}

static void
test_worker_waited_for (void)
{
  Told told = { .count = MANY };
  QIOTask *task = new_task (&told, BOUND);

  no_longer_than_a_minute ();
  qio_task_run_in_thread (task, send_many, &told, NULL, NULL);
  qio_task_wait_worker (task);
  g_assert_cmpint (told.ending.calls, ==, 0);
  g_assert_cmpint (told.told, >=, MANY - BOUND);
  iterate_until (NULL, &told.ending.freed, 1);
  assert_ended_well (&told.ending);
  assert_told (&told, MANY);
}

/* Of a task that is held: here nobody else would make room. */
static void
test_held (void)
{
  Told told = { 0 };
  QIOTask *task = new_task (&told, BOUND);

  no_longer_than_a_minute ();
  fill (&told);
  g_assert_cmpint (told.told, ==, 0);
  g_assert_true (send (&told));
  g_assert_cmpint (told.told, >, 0);
  iterate_until (NULL, &told.told, BOUND + 1);
  fill (&told);
  qio_task_complete (task);
  assert_ended_well (&told.ending);
  assert_told (&told, 2 * BOUND + 1);
  iterate_all (NULL);
}

static void
test_idle (void)
{
  Told told = { 0 };
  QIOTask *task = new_task (&told, BOUND);

  no_longer_than_a_minute ();
  fill (&told);
  qio_task_complete_in_idle (task);
  g_assert_cmpint (told.told, ==, 0);
  iterate_until (NULL, &told.ending.freed, 1);
  assert_ended_well (&told.ending);
  assert_told (&told, BOUND);
}

/* Freed by hand: nobody is told. */
static void
test_freed (void)
{
  Told told = { 0 };
  QIOTask *task = qio_task_new (NULL, ending_func, &told.ending, NULL);
  gint freed = 0;

  no_longer_than_a_minute ();
  told.task = task;
  qio_task_set_message_func (task, BOUND, unexpected_message, &freed, count_up);
  fill (&told);
  g_assert_cmpint (told.freed, ==, 0);
  qio_task_free (task);
  g_assert_cmpint (told.freed, ==, BOUND);
  g_assert_cmpint (freed, ==, 1);
  g_assert_cmpint (told.ending.calls, ==, 0);
  iterate_all (NULL);
}

/* After its function was called nothing is let in. */
static void
test_too_late (void)
{
  Told told = { 0 };
  QIOTask *task = new_task (&told, BOUND);
  Message *refused = g_new (Message, 1);

  no_longer_than_a_minute ();
  g_assert_true (send (&told));
  qio_task_cancel (task);
  g_assert_false (send (&told));
  g_assert_false (qio_task_try_send_message (task, refused, unexpected_destroy));
  g_free (refused);
  iterate_until (NULL, &told.ending.calls, 1);
  g_assert_cmpint (told.told, ==, 1);
  g_assert_false (send (&told));
  qio_task_complete (task);
  assert_ended_with (&told.ending, G_IO_ERROR_CANCELLED);
  assert_told (&told, 1);
}

/* Nor into a task that had ended before it got the function. */
static void
test_set_too_late (gconstpointer was_called)
{
  Told told = { 0 };
  QIOTask *task = ending_task (&told.ending, NULL);

  no_longer_than_a_minute ();
  qio_task_cancel (task);
  if (was_called)
    iterate_until (NULL, &told.ending.calls, 1);
  qio_task_set_message_func (task, BOUND, unexpected_message, &told, func_freed);
  told.task = task;
  g_assert_false (send (&told));
  iterate_until (NULL, &told.ending.calls, 1);
  g_assert_false (send (&told));
  qio_task_complete (task);
  assert_ended_with (&told.ending, G_IO_ERROR_CANCELLED);
  assert_told (&told, 0);
}

/* A task that moves, as it is handed to a thread, takes what waits with it. */
static void
test_moved (void)
{
  Told told = { .count = BOUND + 1 };
  GMainContext *context = g_main_context_new ();
  QIOTask *task = new_task (&told, BOUND);

  no_longer_than_a_minute ();
  fill (&told);
  qio_task_run_in_thread (task, send_many, &told, NULL, context);
  iterate_all (NULL);
  g_assert_cmpint (told.told, ==, 0);
  iterate_until (context, &told.ending.freed, 1);
  assert_ended_well (&told.ending);
  assert_told (&told, 2 * BOUND + 1);
  g_main_context_unref (context);
}

/* One that was cancelled before. */
static void
unexpected_work (QIOTask *task G_GNUC_UNUSED,
                 gpointer opaque G_GNUC_UNUSED)
{
  g_assert_not_reached ();
}

static void
test_moved_when_cancelled (gconstpointer by_cancellable)
{
  Told told = { 0 };
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  GMainContext *context = g_main_context_new ();
  QIOTask *task = qio_task_new_full (NULL, cancellable, NULL, G_PRIORITY_DEFAULT, 0, ending_func,
                                     &told.ending, ending_freed);

  no_longer_than_a_minute ();
  told.task = task;
  qio_task_set_message_func (task, BOUND, tell, &told, func_freed);
  fill (&told);
  if (by_cancellable)
    g_cancellable_cancel (cancellable);
  else
    qio_task_cancel (task);
  qio_task_run_in_thread (task, unexpected_work, NULL, NULL, context);
  iterate_all (NULL);
  g_assert_cmpint (told.told, ==, 0);
  iterate_until (context, &told.ending.freed, 1);
  assert_ended_with (&told.ending, G_IO_ERROR_CANCELLED);
  assert_told (&told, BOUND);
  g_main_context_unref (context);
}

/* From several threads at once, the messages of each in order. */
enum
{
  SENDERS = 4
};

typedef struct
{
  Told told;
  gint next[SENDERS];
} Several;

static void
tell_of_several (QIOTask *task G_GNUC_UNUSED,
                 gpointer message,
                 gpointer opaque)
{
  Several *several = opaque;
  gint number = GPOINTER_TO_INT (message);

  g_assert_cmpint (several->told.ending.calls, ==, 0);
  g_assert_cmpint (number / SENDERS, ==, several->next[number % SENDERS]++);
}

typedef struct
{
  QIOTask *task;
  gint index;
  gint count;
} Sender;

static gpointer
send_numbers (gpointer opaque)
{
  Sender *sender = opaque;

  for (gint i = 0; i < sender->count; i++)
    g_assert_true (qio_task_send_message (sender->task, GINT_TO_POINTER (i * SENDERS + sender->index),
                                          NULL));
  return NULL;
}

static void
have_several_send (QIOTask *task,
                   gpointer opaque)
{
  Several *several = opaque;
  Sender senders[SENDERS];
  GThread *threads[SENDERS];

  for (gint i = 0; i < SENDERS; i++)
    {
      senders[i] = (Sender) { task, i, several->told.count };
      threads[i] = g_thread_new ("sends", send_numbers, &senders[i]);
    }
  for (gint i = 0; i < SENDERS; i++)
    g_thread_join (threads[i]);
}

static void
test_several (void)
{
  Several several = { .told = { .count = MANY / SENDERS } };
  QIOTask *task = ending_task (&several.told.ending, NULL);

  no_longer_than_a_minute ();
  qio_task_set_message_func (task, BOUND, tell_of_several, &several, NULL);
  qio_task_run_in_thread (task, have_several_send, &several, NULL, NULL);
  iterate_until (NULL, &several.told.ending.freed, 1);
  assert_ended_well (&several.told.ending);
  for (gint i = 0; i < SENDERS; i++)
    g_assert_cmpint (several.next[i], ==, MANY / SENDERS);
}

/* Told of a message, it iterates the context, or waits for the task. */
typedef struct
{
  Told told;
  gboolean waits;
} Meddler;

static void
meddle (QIOTask *task,
        gpointer message,
        gpointer opaque)
{
  Meddler *meddler = opaque;

  tell (task, message, &meddler->told);
  if (((Message *) message)->number == meddler->told.count - 1)
    gate_open (&meddler->told.may_go_on);
  if (((Message *) message)->number > 0)
    return;
  if (meddler->waits)
    qio_task_wait_thread (task);
  else
    iterate_until (NULL, &meddler->told.ending.calls, 1);
  g_assert_cmpint (meddler->told.ending.calls, ==, 1);
  g_assert_cmpint (meddler->told.func_freed, ==, 0);
}

static void
test_nested (gconstpointer waits)
{
  Meddler meddler = { .told = { .count = 3 * BOUND }, .waits = waits != NULL };
  Told *told = &meddler.told;

  no_longer_than_a_minute ();
  told->task = ending_task (&told->ending, NULL);
  qio_task_set_message_func (told->task, BOUND, meddle, told, func_freed);
  qio_task_run_in_thread (told->task, send_many, told, NULL, NULL);
  iterate_until (NULL, &told->ending.freed, 1);
  assert_ended_well (&told->ending);
  assert_told (told, 3 * BOUND);
}

/* And the worker goes on when it has come to the last one, of those that were taken out with the
 * first. */
static void
send_all_and_wait (QIOTask *task,
                   gpointer opaque)
{
  Told *told = opaque;

  send_many (task, told);
  gate_open (&told->is_full);
  gate_wait (&told->may_go_on);
}

static void
test_nested_to_the_last (gconstpointer waits)
{
  Meddler meddler = { .told = { .count = BOUND }, .waits = waits != NULL };
  Told *told = &meddler.told;

  no_longer_than_a_minute ();
  told->task = ending_task (&told->ending, NULL);
  qio_task_set_message_func (told->task, BOUND, meddle, told, func_freed);
  qio_task_run_in_thread (told->task, send_all_and_wait, told, NULL, NULL);
  gate_wait (&told->is_full);
  iterate_until (NULL, &told->ending.freed, 1);
  assert_ended_well (&told->ending);
  assert_told (told, BOUND);
}

/* Told on one thread while another one waits for the task: one after the other, and the task's
 * function after the last. */
typedef struct
{
  Told told;
  gint telling;
  GThread *waits;
} Elsewhere;

static gpointer
wait_for_task (gpointer opaque)
{
  Told *told = opaque;

  qio_task_wait_thread (told->task);
  return NULL;
}

static void
tell_slowly (QIOTask *task,
             gpointer message,
             gpointer opaque)
{
  Elsewhere *elsewhere = opaque;

  g_assert_cmpint (g_atomic_int_add (&elsewhere->telling, 1), ==, 0);
  if (((Message *) message)->number == 0)
    elsewhere->waits = g_thread_new ("waits", wait_for_task, &elsewhere->told);
  g_usleep (G_USEC_PER_SEC / 100);
  tell (task, message, &elsewhere->told);
  g_assert_cmpint (g_atomic_int_add (&elsewhere->telling, -1), ==, 1);
}

static void
test_told_elsewhere (void)
{
  Elsewhere elsewhere = { .told = { .count = 3 * BOUND } };
  Told *told = &elsewhere.told;

  no_longer_than_a_minute ();
  told->task = ending_task (&told->ending, NULL);
  qio_task_set_message_func (told->task, BOUND, tell_slowly, told, func_freed);
  qio_task_run_in_thread (told->task, send_many, told, NULL, NULL);
  while (g_atomic_int_get (&told->ending.freed) == 0)
    g_main_context_iteration (NULL, FALSE);
  g_thread_join (elsewhere.waits);
  assert_ended_well (&told->ending);
  assert_told (told, 3 * BOUND);
}

/* A flood of them lets others run. */
static gboolean
count_turn (gpointer opaque)
{
  count_up (opaque);
  return G_SOURCE_CONTINUE;
}

static void
tell_for_a_while (QIOTask *task,
                  gpointer message,
                  gpointer opaque)
{
  gint64 end = g_get_monotonic_time () + 500;

  tell (task, message, opaque);
  while (g_get_monotonic_time () < end)
    ;
}

static void
test_gives_way (void)
{
  enum { FLOOD = 100 };
  Told told = { 0 };
  gint turns = 0;
  guint source = g_idle_add_full (G_PRIORITY_LOW, count_turn, &turns, NULL);

  no_longer_than_a_minute ();
  told.task = ending_task (&told.ending, NULL);
  qio_task_set_message_func (told.task, FLOOD, tell_for_a_while, &told, func_freed);
  for (gint i = 0; i < FLOOD; i++)
    g_assert_true (send (&told));
  qio_task_complete_in_idle (told.task);
  iterate_until (NULL, &told.ending.freed, 1);
  g_source_remove (source);
  assert_told (&told, FLOOD);
  assert_ended_well (&told.ending);
  g_assert_cmpint (turns, >=, 5);
}

static void
test_misuse (void)
{
  Told told = { 0 };
  QIOTask *task = ending_task (&told.ending, NULL);

  no_longer_than_a_minute ();
  expect_critical ("qio_task_send_message", "task has a message function");
  g_assert_false (qio_task_send_message (task, NULL, unexpected_destroy));
  expect_critical ("qio_task_try_send_message", "task has a message function");
  g_assert_false (qio_task_try_send_message (task, NULL, unexpected_destroy));
  expect_critical ("qio_task_set_message_func", "bound > 0");
  qio_task_set_message_func (task, 0, unexpected_message, NULL, unexpected_destroy);
  expect_critical ("qio_task_set_message_func", "func != NULL");
  qio_task_set_message_func (task, 1, NULL, NULL, unexpected_destroy);
  qio_task_set_message_func (task, G_MAXUINT, tell, &told, func_freed);
  expect_critical ("qio_task_set_message_func", "task has no message function");
  qio_task_set_message_func (task, 1, unexpected_message, NULL, unexpected_destroy);
  g_test_assert_expected_messages ();
  qio_task_run_in_thread (task, no_work, NULL, NULL, NULL);
  expect_critical ("qio_task_set_message_func", "task has not been handed on");
  qio_task_set_message_func (task, 1, unexpected_message, NULL, unexpected_destroy);
  g_test_assert_expected_messages ();
  iterate_until (NULL, &told.ending.freed, 1);
  expect_critical ("qio_task_set_message_func", "task has not ended");
  qio_task_set_message_func (task, 1, unexpected_message, NULL, unexpected_destroy);
  expect_critical ("qio_task_send_message", "task has not ended");
  g_assert_false (qio_task_send_message (task, NULL, unexpected_destroy));
  g_test_assert_expected_messages ();
  assert_ended_well (&told.ending);
  assert_told (&told, 0);
}

int
main (int argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_data_func ("/messages/order", GUINT_TO_POINTER (BOUND), test_order);
  g_test_add_data_func ("/messages/order-one", GUINT_TO_POINTER (1), test_order);
  g_test_add_data_func ("/messages/order-all", GUINT_TO_POINTER (MANY), test_order);
  g_test_add_func ("/messages/while-working", test_while_working);
  g_test_add_func ("/messages/bound", test_bound);
  g_test_add_func ("/messages/cancelled", test_cancelled);
  g_test_add_func ("/messages/inactivity", test_inactivity);
  g_test_add_func ("/messages/waited-for", test_waited_for);
  g_test_add_func ("/messages/worker-waited-for", test_worker_waited_for);
  g_test_add_func ("/messages/held", test_held);
  g_test_add_func ("/messages/idle", test_idle);
  g_test_add_func ("/messages/freed", test_freed);
  g_test_add_func ("/messages/too-late", test_too_late);
  g_test_add_data_func ("/messages/set-too-late", NULL, test_set_too_late);
  g_test_add_data_func ("/messages/set-too-late/was-called", GINT_TO_POINTER (TRUE),
                        test_set_too_late);
  g_test_add_func ("/messages/moved", test_moved);
  g_test_add_data_func ("/messages/moved-when-cancelled", NULL, test_moved_when_cancelled);
  g_test_add_data_func ("/messages/moved-when-cancelled/by-cancellable", GINT_TO_POINTER (TRUE),
                        test_moved_when_cancelled);
  g_test_add_func ("/messages/several", test_several);
  g_test_add_data_func ("/messages/nested", NULL, test_nested);
  g_test_add_data_func ("/messages/nested-wait", GINT_TO_POINTER (TRUE), test_nested);
  g_test_add_data_func ("/messages/nested/to-the-last", NULL, test_nested_to_the_last);
  g_test_add_data_func ("/messages/nested-wait/to-the-last", GINT_TO_POINTER (TRUE),
                        test_nested_to_the_last);
  g_test_add_func ("/messages/told-elsewhere", test_told_elsewhere);
  g_test_add_func ("/messages/gives-way", test_gives_way);
  g_test_add_func ("/messages/misuse", test_misuse);

  return g_test_run ();
}
