#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

typedef enum
{
  STATUS_WAITING, /* not begun */
  STATUS_WORKING,
  STATUS_DONE,
  STATUS_STOPPED, /* by the user, or the time limit */
  STATUS_FAILED,
} Status;

#define STATUS_TYPE_ROW (status_row_get_type ())

G_DECLARE_FINAL_TYPE (StatusRow, status_row, STATUS, ROW, AdwActionRow)

StatusRow *status_row_new  (const gchar *title);

void       status_row_show (StatusRow   *self,
                            Status       status,
                            const gchar *title,
                            const gchar *detail);

G_END_DECLS
