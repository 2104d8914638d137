/*
 * Looks up the addresses of a host in a thread, as getaddrinfo () can do nothing
 * but block. Knows nothing of windows.
 */

#include "host-lookup.h"

#include <errno.h>
#include <netdb.h>
#include <sys/socket.h>

/* How long a slow name server takes. */
#define SLOW_MS 3000

typedef struct
{
  gchar *host;
  gboolean slow;
} Query;

static void
query_free (gpointer data)
{
  Query *query = data;

  g_free (query->host);
  g_free (query);
}

/* In a thread */

/* A call that can be cancelled, unlike getaddrinfo (): it gives its thread back
 * as soon as nobody waits for it any more. */
static void
wait_for_slow_server (QIOTask *task)
{
  GCancellable *cancellable = qio_task_get_cancellable (task);
  GPollFD cancelled;

  if (!g_cancellable_make_pollfd (cancellable, &cancelled))
    return;

  g_poll (&cancelled, 1, SLOW_MS);
  g_cancellable_release_fd (cancellable);
}

static void
look_up (QIOTask *task,
         gpointer opaque)
{
  const Query *query = opaque;
  /* Without a type, each address comes once for every one there is. */
  const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
  struct addrinfo *infos = NULL;
  g_autoptr(GPtrArray) addresses = g_ptr_array_new_with_free_func (g_object_unref);
  gint failure;

  if (query->slow)
    wait_for_slow_server (task);
  if (qio_task_is_cancelled (task))
    return;

  failure = getaddrinfo (query->host, NULL, &hints, &infos);
  if (failure != 0)
    {
      const gchar *why = failure == EAI_SYSTEM ? g_strerror (errno)
                                               : gai_strerror (failure);

      qio_task_set_error (task, g_error_new_literal (G_RESOLVER_ERROR,
                                                     G_RESOLVER_ERROR_NOT_FOUND,
                                                     why));
      return;
    }

  for (const struct addrinfo *info = infos; info != NULL; info = info->ai_next)
    {
      g_autoptr(GSocketAddress) address =
        g_socket_address_new_from_native (info->ai_addr, info->ai_addrlen);

      if (G_IS_INET_SOCKET_ADDRESS (address))
        g_ptr_array_add (addresses,
                         g_object_ref (g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (address))));
    }

  freeaddrinfo (infos);
  qio_task_set_result_pointer (task, g_steal_pointer (&addresses),
                               (GDestroyNotify) g_ptr_array_unref);
}

/* On the main loop */

/* Looks @host up for @source, and calls @func on the global default context: with
 * host_lookup_get_addresses (), or an error of the resolver, cancelled, or timed out. */
void
host_lookup (gpointer source,
             const gchar *host,
             gboolean slow,
             guint timeout_ms,
             GCancellable *cancellable,
             QIOTaskFunc func,
             gpointer opaque,
             GDestroyNotify destroy)
{
  QIOTask *task = qio_task_new_full (source, cancellable, "lookup",
                                     G_PRIORITY_DEFAULT_IDLE, timeout_ms,
                                     func, opaque, destroy);
  Query *query = g_new (Query, 1);

  /* A copy: the worker may be busy for longer than the one who asks is there. */
  query->host = g_strdup (host);
  query->slow = slow;

  qio_task_run_in_thread (task, look_up, query, query_free, NULL);
}

/* Returns: (element-type GInetAddress): what a lookup has found, until its function
 * returns */
GPtrArray *
host_lookup_get_addresses (QIOTask *task)
{
  return qio_task_get_result_pointer (task);
}
