#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

#define LOOKUP_TYPE_WINDOW (lookup_window_get_type ())

G_DECLARE_FINAL_TYPE (LookupWindow, lookup_window, LOOKUP, WINDOW, AdwApplicationWindow)

GtkWindow *lookup_window_new (GtkApplication *application);

G_END_DECLS
