/*
 * A row that tells how something stands, as a sign and in words.
 */

#include "status-row.h"

struct _StatusRow
{
  AdwActionRow parent_instance;

  GtkImage *sign;
  GtkSpinner *spinner;
};

G_DEFINE_FINAL_TYPE (StatusRow, status_row, ADW_TYPE_ACTION_ROW)

static const struct
{
  const gchar *icon_name;
  const gchar *label;
  const gchar *css_classes[2];
} signs[] = {
  [STATUS_WAITING] = { "content-loading-symbolic", "Waiting", { "dim-label" } },
  [STATUS_WORKING] = { NULL, "Working", { NULL } },
  [STATUS_DONE] = { "object-select-symbolic", "Done", { "success" } },
  [STATUS_STOPPED] = { "process-stop-symbolic", "Stopped", { "warning" } },
  [STATUS_FAILED] = { "dialog-error-symbolic", "Failed", { "error" } },
};

static void
status_row_class_init (StatusRowClass *class G_GNUC_UNUSED)
{
}

static void
status_row_init (StatusRow *self)
{
  self->sign = GTK_IMAGE (gtk_image_new ());
  self->spinner = GTK_SPINNER (gtk_spinner_new ());

  gtk_accessible_update_property (GTK_ACCESSIBLE (self->spinner),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  signs[STATUS_WORKING].label,
                                  -1);
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (self), FALSE);
  adw_action_row_add_prefix (ADW_ACTION_ROW (self), GTK_WIDGET (self->sign));
  adw_action_row_add_prefix (ADW_ACTION_ROW (self), GTK_WIDGET (self->spinner));
}

StatusRow *
status_row_new (const gchar *title)
{
  StatusRow *self = g_object_new (STATUS_TYPE_ROW, NULL);

  status_row_show (self, STATUS_WAITING, title, "");

  return self;
}

void
status_row_show (StatusRow *self,
                 Status status,
                 const gchar *title,
                 const gchar *detail)
{
  gboolean is_working = status == STATUS_WORKING;

  g_return_if_fail (STATUS_IS_ROW (self));

  gtk_image_set_from_icon_name (self->sign, signs[status].icon_name);
  gtk_widget_set_css_classes (GTK_WIDGET (self->sign),
                              (const char **) signs[status].css_classes);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->sign),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL, signs[status].label,
                                  -1);
  gtk_widget_set_visible (GTK_WIDGET (self->sign), !is_working);
  gtk_widget_set_visible (GTK_WIDGET (self->spinner), is_working);
  gtk_spinner_set_spinning (self->spinner, is_working);

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self), title);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (self), detail);
}
