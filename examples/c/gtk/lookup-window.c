/*
 * A window that looks hosts up.
 *
 * It is the source of its lookups, so it is there when they end, also when it has
 * been closed meanwhile. It knows by LookupWindow.under_way whether to show the answer.
 */

#include "lookup-window.h"

#include "host-lookup.h"

struct _LookupWindow
{
  AdwApplicationWindow parent_instance;

  AdwToastOverlay *toasts;
  GtkWidget *host;
  GtkWidget *slow;
  GtkWidget *timeout;

  GtkStack *outcome;
  AdwStatusPage *status;
  GtkListBox *addresses;

  /* Cancels the lookup that is under way; NULL when none is whose answer is to be
   * shown. */
  GCancellable *under_way;
};

G_DEFINE_FINAL_TYPE (LookupWindow, lookup_window, ADW_TYPE_APPLICATION_WINDOW)

/* What is shown */

static void
show_status (LookupWindow *self,
             const gchar *icon_name,
             const gchar *title,
             const gchar *description)
{
  g_autofree gchar *markup = g_markup_escape_text (description, -1);

  adw_status_page_set_icon_name (self->status, icon_name);
  adw_status_page_set_title (self->status, title);
  adw_status_page_set_description (self->status, markup);
  gtk_stack_set_visible_child_name (self->outcome, "status");
}

static void
show_failure (LookupWindow *self,
              const GError *error)
{
  g_autofree gchar *markup = g_markup_escape_text (error->message, -1);
  const gchar *title = "Host Not Found";

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT))
    title = "No Answer";

  show_status (self, "dialog-error-symbolic", title, error->message);
  adw_toast_overlay_add_toast (self->toasts, adw_toast_new (markup));
  gtk_widget_add_css_class (self->host, "error");
  gtk_widget_grab_focus (self->host);
}

static void
show_addresses (LookupWindow *self,
                GPtrArray *addresses)
{
  GtkListBoxRow *row;

  while ((row = gtk_list_box_get_row_at_index (self->addresses, 0)) != NULL)
    gtk_list_box_remove (self->addresses, GTK_WIDGET (row));

  for (guint i = 0; i < addresses->len; i++)
    {
      GInetAddress *address = addresses->pdata[i];
      g_autofree gchar *text = g_inet_address_to_string (address);
      gboolean is_6 = g_inet_address_get_family (address) == G_SOCKET_FAMILY_IPV6;

      gtk_list_box_append (self->addresses,
                           g_object_new (ADW_TYPE_ACTION_ROW,
                                         "title", text,
                                         "subtitle", is_6 ? "IPv6" : "IPv4",
                                         "title-selectable", TRUE,
                                         NULL));
    }

  gtk_stack_set_visible_child_name (self->outcome, "addresses");
}

/* What can be done, and when */

static void
update_actions (LookupWindow *self)
{
  const gchar *host = gtk_editable_get_text (GTK_EDITABLE (self->host));
  gboolean busy = self->under_way != NULL;

  gtk_widget_action_set_enabled (GTK_WIDGET (self), "lookup.start",
                                 !busy && *host != '\0');
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "lookup.cancel", busy);
  gtk_accessible_update_state (GTK_ACCESSIBLE (self->outcome),
                               GTK_ACCESSIBLE_STATE_BUSY, busy,
                               -1);
}

static void
on_looked_up (QIOTask *task,
              gpointer opaque)
{
  LookupWindow *self = qio_task_get_source (task);
  g_autoptr(GError) error = NULL;

  /* The window has been closed: its widgets are gone. */
  if (self->under_way != opaque)
    return;

  g_clear_object (&self->under_way);

  if (!qio_task_propagate_error (task, (gpointer *) &error))
    show_addresses (self, host_lookup_get_addresses (task));
  else if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    show_status (self, "process-stop-symbolic", "Cancelled", "");
  else
    show_failure (self, error);

  update_actions (self);
}

static void
start_lookup (GtkWidget *widget,
              const gchar *action_name G_GNUC_UNUSED,
              GVariant *parameter G_GNUC_UNUSED)
{
  LookupWindow *self = LOOKUP_WINDOW (widget);
  gdouble seconds = gtk_spin_button_get_value (GTK_SPIN_BUTTON (self->timeout));

  self->under_way = g_cancellable_new ();
  host_lookup (self,
               gtk_editable_get_text (GTK_EDITABLE (self->host)),
               gtk_switch_get_active (GTK_SWITCH (self->slow)),
               seconds * 1000.0,
               self->under_way,
               on_looked_up, g_object_ref (self->under_way), g_object_unref);

  gtk_stack_set_visible_child_name (self->outcome, "busy");
  update_actions (self);
}

static void
cancel_lookup (GtkWidget *widget,
               const gchar *action_name G_GNUC_UNUSED,
               GVariant *parameter G_GNUC_UNUSED)
{
  g_cancellable_cancel (LOOKUP_WINDOW (widget)->under_way);
}

static void
on_host_changed (LookupWindow *self)
{
  gtk_widget_remove_css_class (self->host, "error");
  update_actions (self);
}

static void
on_host_activated (LookupWindow *self)
{
  gtk_widget_activate_action (GTK_WIDGET (self), "lookup.start", NULL);
}

/* What the window is made of */

static GtkWidget *
make_row (const gchar *title,
          const gchar *subtitle,
          GtkWidget *widget)
{
  GtkWidget *row = g_object_new (ADW_TYPE_ACTION_ROW,
                                 "title", title,
                                 "subtitle", subtitle,
                                 "activatable-widget", widget,
                                 NULL);

  gtk_widget_set_valign (widget, GTK_ALIGN_CENTER);
  gtk_accessible_update_property (GTK_ACCESSIBLE (widget),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL, title,
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, subtitle,
                                  -1);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), widget);

  return row;
}

static GtkWidget *
make_question (LookupWindow *self)
{
  GtkWidget *group = adw_preferences_group_new ();

  self->host = adw_entry_row_new ();
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->host), "Host Name");
  gtk_editable_set_text (GTK_EDITABLE (self->host), "localhost");
  g_signal_connect_swapped (self->host, "changed", G_CALLBACK (on_host_changed), self);
  g_signal_connect_swapped (self->host, "entry-activated",
                            G_CALLBACK (on_host_activated), self);

  self->slow = gtk_switch_new ();
  self->timeout = gtk_spin_button_new_with_range (1.0, 60.0, 1.0);
  gtk_spin_button_set_value (GTK_SPIN_BUTTON (self->timeout), 10.0);

  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), self->host);
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group),
                             make_row ("Slow Name Server",
                                       "It takes three seconds to answer",
                                       self->slow));
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group),
                             make_row ("Timeout", "In seconds", self->timeout));

  return group;
}

static GtkWidget *
make_button (const gchar *label,
             const gchar *action_name)
{
  GtkWidget *button = gtk_button_new_with_mnemonic (label);

  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), action_name);
  gtk_widget_add_css_class (button, "pill");

  return button;
}

static GtkWidget *
make_buttons (void)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *start = make_button ("_Look Up", "lookup.start");

  gtk_widget_add_css_class (start, "suggested-action");
  gtk_widget_set_halign (box, GTK_ALIGN_CENTER);
  gtk_box_append (GTK_BOX (box), make_button ("_Cancel", "lookup.cancel"));
  gtk_box_append (GTK_BOX (box), start);

  return box;
}

static GtkWidget *
make_outcome (LookupWindow *self)
{
  GtkWidget *outcome = gtk_stack_new ();
  GtkWidget *busy = gtk_spinner_new ();
  GtkWidget *addresses = gtk_list_box_new ();

  gtk_widget_set_size_request (busy, 32, 32);
  gtk_spinner_start (GTK_SPINNER (busy));
  gtk_accessible_update_property (GTK_ACCESSIBLE (busy),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL, "Looking up",
                                  -1);

  self->addresses = GTK_LIST_BOX (addresses);
  gtk_list_box_set_selection_mode (self->addresses, GTK_SELECTION_NONE);
  gtk_widget_add_css_class (addresses, "boxed-list");
  gtk_widget_set_valign (addresses, GTK_ALIGN_START);
  gtk_accessible_update_property (GTK_ACCESSIBLE (addresses),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL, "Addresses",
                                  -1);

  self->status = ADW_STATUS_PAGE (adw_status_page_new ());
  gtk_widget_add_css_class (GTK_WIDGET (self->status), "compact");
  self->outcome = GTK_STACK (outcome);
  gtk_stack_add_named (self->outcome, GTK_WIDGET (self->status), "status");
  gtk_stack_add_named (self->outcome, busy, "busy");
  gtk_stack_add_named (self->outcome, addresses, "addresses");
  show_status (self, "system-search-symbolic", "No Lookup Yet",
               "The addresses of a host are shown here");

  return outcome;
}

static GtkWidget *
make_content (LookupWindow *self)
{
  GtkWidget *content = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *page = gtk_box_new (GTK_ORIENTATION_VERTICAL, 24);

  gtk_box_append (GTK_BOX (page), make_question (self));
  gtk_box_append (GTK_BOX (page), make_buttons ());
  gtk_box_append (GTK_BOX (page), make_outcome (self));

  self->toasts = ADW_TOAST_OVERLAY (adw_toast_overlay_new ());
  adw_toast_overlay_set_child (self->toasts,
                               g_object_new (GTK_TYPE_SCROLLED_WINDOW,
                                             "vexpand", TRUE,
                                             "hscrollbar-policy", GTK_POLICY_NEVER,
                                             "child",
                                             g_object_new (ADW_TYPE_CLAMP,
                                                           "margin-top", 24,
                                                           "margin-bottom", 24,
                                                           "margin-start", 12,
                                                           "margin-end", 12,
                                                           "child", page,
                                                           NULL),
                                             NULL));

  gtk_box_append (GTK_BOX (content), adw_header_bar_new ());
  gtk_box_append (GTK_BOX (content), GTK_WIDGET (self->toasts));

  return content;
}

/* The window */

static void
lookup_window_dispose (GObject *object)
{
  LookupWindow *self = LOOKUP_WINDOW (object);

  if (self->under_way != NULL)
    g_cancellable_cancel (self->under_way);
  g_clear_object (&self->under_way);

  G_OBJECT_CLASS (lookup_window_parent_class)->dispose (object);
}

static void
lookup_window_finalize (GObject *object)
{
  g_debug ("A window is gone");

  G_OBJECT_CLASS (lookup_window_parent_class)->finalize (object);
}

static void
lookup_window_class_init (LookupWindowClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  object_class->dispose = lookup_window_dispose;
  object_class->finalize = lookup_window_finalize;

  gtk_widget_class_install_action (widget_class, "lookup.start", NULL, start_lookup);
  gtk_widget_class_install_action (widget_class, "lookup.cancel", NULL, cancel_lookup);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0,
                                       "lookup.cancel", NULL);
}

static void
lookup_window_init (LookupWindow *self)
{
  gtk_window_set_title (GTK_WINDOW (self), "Lookup");
  gtk_window_set_default_size (GTK_WINDOW (self), 480, 640);
  adw_application_window_set_content (ADW_APPLICATION_WINDOW (self), make_content (self));
  update_actions (self);
}

GtkWindow *
lookup_window_new (GtkApplication *application)
{
  return g_object_new (LOOKUP_TYPE_WINDOW, "application", application, NULL);
}
