#pragma once

#include <qio-task.h>

G_BEGIN_DECLS

void       host_lookup               (gpointer        source,
                                      const gchar    *host,
                                      gboolean        slow,
                                      guint           timeout_ms,
                                      GCancellable   *cancellable,
                                      QIOTaskFunc     func,
                                      gpointer        opaque,
                                      GDestroyNotify  destroy);

GPtrArray *host_lookup_get_addresses (QIOTask        *task);

G_END_DECLS
