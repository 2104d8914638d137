/*
 * A window that looks hosts up.
 *
 * It is the source of its tasks: until they have ended it is there, with all of its
 * widgets, also when it has been closed meanwhile.
 */

#define G_LOG_DOMAIN "lookup"

#include "lookup-window.h"

#include "host-lookup.h"
#include "status-row.h"

struct _LookupWindow
{
  AdwApplicationWindow parent_instance;

  AdwToastOverlay *toasts;
  GtkEditable *host;
  GtkSwitch *slow;
  GtkSpinButton *limit;
  GtkWidget *start;
  GtkWidget *stop;

  AdwPreferencesGroup *results;
  StatusRow *status;
  GPtrArray *found; /* rows of the results */

  /* Cancels the lookup that is under way; NULL when none is. */
  GCancellable *under_way;
  gchar *asked; /* the host that it looks up */
};

G_DEFINE_FINAL_TYPE (LookupWindow, lookup_window, ADW_TYPE_APPLICATION_WINDOW)

/* What is shown */

static void
forget_addresses (LookupWindow *self)
{
  for (guint i = 0; i < self->found->len; i++)
    adw_preferences_group_remove (self->results, self->found->pdata[i]);

  g_ptr_array_set_size (self->found, 0);
}

static void
show_addresses (LookupWindow *self,
                GPtrArray *addresses)
{
  g_autofree gchar *title =
    addresses->len == 1 ? g_strdup_printf ("%s has one address", self->asked)
                        : g_strdup_printf ("%s has %u addresses", self->asked,
                                           addresses->len);

  status_row_show (self->status, STATUS_DONE, title, "");

  for (guint i = 0; i < addresses->len; i++)
    {
      GInetAddress *address = addresses->pdata[i];
      g_autofree gchar *text = g_inet_address_to_string (address);
      gboolean is_4 = g_inet_address_get_family (address) == G_SOCKET_FAMILY_IPV4;
      GtkWidget *row = g_object_new (ADW_TYPE_ACTION_ROW,
                                     "title", text,
                                     "subtitle", is_4 ? "IPv4" : "IPv6",
                                     NULL);

      adw_preferences_group_add (self->results, row);
      g_ptr_array_add (self->found, row);
    }
}

static void
show_error (LookupWindow *self,
            const GError *error)
{
  gboolean timed_out = g_error_matches (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  g_autofree gchar *title = g_strdup_printf (timed_out ? "%s was not found in time"
                                                       : "%s was not found",
                                             self->asked);
  g_autofree gchar *markup = g_markup_escape_text (title, -1);

  status_row_show (self->status, timed_out ? STATUS_STOPPED : STATUS_FAILED,
                   title, timed_out ? "" : error->message);
  adw_toast_overlay_add_toast (self->toasts, adw_toast_new (markup));
}

static void
show_running (LookupWindow *self)
{
  gboolean is_running = self->under_way != NULL;
  gboolean is_named = *gtk_editable_get_text (self->host) != '\0';

  gtk_widget_set_sensitive (self->start, !is_running && is_named);
  gtk_widget_set_sensitive (self->stop, is_running);
}

/* The lookup */

static void
on_looked_up (QIOTask *task,
              gpointer opaque G_GNUC_UNUSED)
{
  LookupWindow *self = qio_task_get_source (task);
  g_autoptr(GError) error = NULL;

  g_clear_object (&self->under_way);

  /* Nothing of it is gone, there is only nobody who looks at it. */
  if (!gtk_widget_get_realized (GTK_WIDGET (self)))
    {
      g_debug ("%s was looked up for a closed window", self->asked);
      return;
    }

  show_running (self);

  if (!qio_task_propagate_error (task, (gpointer *) &error))
    show_addresses (self, host_lookup_get_addresses (task));
  else if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    /* Whoever cancelled it knows that: no toast. */
    status_row_show (self->status, STATUS_STOPPED, "The lookup was cancelled", "");
  else
    show_error (self, error);
}

static void
on_start (LookupWindow *self)
{
  g_autofree gchar *title = NULL;

  /* Enter is pressed in the entry, too. */
  if (!gtk_widget_is_sensitive (self->start))
    return;

  g_free (self->asked);
  self->asked = g_strdup (gtk_editable_get_text (self->host));
  self->under_way = g_cancellable_new ();

  forget_addresses (self);
  title = g_strdup_printf ("Looking up %s…", self->asked);
  status_row_show (self->status, STATUS_WORKING, title, "");
  show_running (self);

  host_lookup (self, self->asked, gtk_switch_get_active (self->slow),
               gtk_spin_button_get_value (self->limit) * 1000.0,
               self->under_way, on_looked_up, NULL, NULL);
}

static void
on_stop (LookupWindow *self)
{
  if (self->under_way != NULL)
    g_cancellable_cancel (self->under_way);
}

static gboolean
on_escape (GtkWidget *widget,
           GVariant *args G_GNUC_UNUSED,
           gpointer user_data G_GNUC_UNUSED)
{
  LookupWindow *self = LOOKUP_WINDOW (widget);

  if (self->under_way == NULL)
    return GDK_EVENT_PROPAGATE;

  on_stop (self);

  return GDK_EVENT_STOP;
}

/* What the window is made of */

static void
add_row (AdwPreferencesGroup *group,
         const gchar *title,
         const gchar *subtitle,
         gpointer widget)
{
  GtkWidget *row = g_object_new (ADW_TYPE_ACTION_ROW,
                                 "title", title,
                                 "subtitle", subtitle,
                                 "use-underline", TRUE,
                                 /* Which is called as the row is. */
                                 "activatable-widget", widget,
                                 NULL);

  gtk_widget_set_valign (widget, GTK_ALIGN_CENTER);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), widget);
  adw_preferences_group_add (group, row);
}

static AdwPreferencesGroup *
make_question (LookupWindow *self)
{
  GtkWidget *group =
    g_object_new (ADW_TYPE_PREFERENCES_GROUP,
                  "description", "A thread waits for the name server, and the window "
                                 "goes on. Close it meanwhile if you like: the task "
                                 "keeps it until its function has returned.",
                  NULL);
  GtkWidget *host = g_object_new (ADW_TYPE_ENTRY_ROW,
                                  "title", "_Host Name",
                                  "use-underline", TRUE,
                                  "text", "localhost",
                                  "input-purpose", GTK_INPUT_PURPOSE_URL,
                                  NULL);

  g_signal_connect_swapped (host, "changed", G_CALLBACK (show_running), self);
  g_signal_connect_swapped (host, "entry-activated", G_CALLBACK (on_start), self);

  self->host = GTK_EDITABLE (host);
  self->slow = GTK_SWITCH (gtk_switch_new ());
  self->limit = GTK_SPIN_BUTTON (gtk_spin_button_new_with_range (1.0, 60.0, 1.0));
  gtk_spin_button_set_value (self->limit, 10.0);

  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), host);
  add_row (ADW_PREFERENCES_GROUP (group),
           "Take _Three Seconds", "As a slow name server does", self->slow);
  add_row (ADW_PREFERENCES_GROUP (group),
           "Time _Limit", "In seconds", self->limit);

  return ADW_PREFERENCES_GROUP (group);
}

static GtkWidget *
make_button (LookupWindow *self,
             const gchar *label,
             GCallback on_clicked)
{
  GtkWidget *button = gtk_button_new_with_mnemonic (label);

  /* It would be called by what it shows, and by this with its underscore besides. */
  gtk_accessible_reset_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL);
  gtk_widget_add_css_class (button, "pill");
  g_signal_connect_swapped (button, "clicked", on_clicked, self);

  return button;
}

static AdwPreferencesGroup *
make_buttons (LookupWindow *self)
{
  GtkWidget *group = adw_preferences_group_new ();
  GtkWidget *box = g_object_new (GTK_TYPE_BOX,
                                 "halign", GTK_ALIGN_CENTER,
                                 "homogeneous", TRUE,
                                 "spacing", 12,
                                 NULL);

  self->start = make_button (self, "Look _Up", G_CALLBACK (on_start));
  gtk_widget_add_css_class (self->start, "suggested-action");
  self->stop = make_button (self, "_Cancel", G_CALLBACK (on_stop));

  gtk_box_append (GTK_BOX (box), self->start);
  gtk_box_append (GTK_BOX (box), self->stop);
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), box);

  return ADW_PREFERENCES_GROUP (group);
}

static AdwPreferencesGroup *
make_results (LookupWindow *self)
{
  self->results = ADW_PREFERENCES_GROUP (adw_preferences_group_new ());
  self->status = status_row_new ("Nothing has been looked up yet");
  self->found = g_ptr_array_new ();

  adw_preferences_group_set_title (self->results, "Addresses");
  adw_preferences_group_add (self->results, GTK_WIDGET (self->status));

  return self->results;
}

static GtkWidget *
make_content (LookupWindow *self)
{
  GtkWidget *content = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  AdwPreferencesPage *page =
    g_object_new (ADW_TYPE_PREFERENCES_PAGE, "vexpand", TRUE, NULL);

  adw_preferences_page_add (page, make_question (self));
  adw_preferences_page_add (page, make_buttons (self));
  adw_preferences_page_add (page, make_results (self));

  self->toasts = ADW_TOAST_OVERLAY (adw_toast_overlay_new ());
  adw_toast_overlay_set_child (self->toasts, GTK_WIDGET (page));

  gtk_box_append (GTK_BOX (content), adw_header_bar_new ());
  gtk_box_append (GTK_BOX (content), GTK_WIDGET (self->toasts));

  return content;
}

/* The window */

/* Nobody waits for the answer any more. */
static gboolean
lookup_window_close_request (GtkWindow *window)
{
  on_stop (LOOKUP_WINDOW (window));

  return GTK_WINDOW_CLASS (lookup_window_parent_class)->close_request (window);
}

static void
lookup_window_finalize (GObject *object)
{
  LookupWindow *self = LOOKUP_WINDOW (object);

  g_clear_object (&self->under_way);
  g_ptr_array_unref (self->found);
  g_free (self->asked);
  g_debug ("A window is gone");

  G_OBJECT_CLASS (lookup_window_parent_class)->finalize (object);
}

static void
lookup_window_class_init (LookupWindowClass *class)
{
  G_OBJECT_CLASS (class)->finalize = lookup_window_finalize;
  GTK_WINDOW_CLASS (class)->close_request = lookup_window_close_request;

  gtk_widget_class_add_binding (GTK_WIDGET_CLASS (class), GDK_KEY_Escape, 0,
                                on_escape, NULL);
}

static void
lookup_window_init (LookupWindow *self)
{
  gtk_window_set_title (GTK_WINDOW (self), "Lookup");
  gtk_window_set_default_size (GTK_WINDOW (self), 480, 640);
  adw_application_window_set_content (ADW_APPLICATION_WINDOW (self), make_content (self));
  show_running (self);
}

GtkWindow *
lookup_window_new (GtkApplication *application)
{
  return g_object_new (LOOKUP_TYPE_WINDOW, "application", application, NULL);
}
