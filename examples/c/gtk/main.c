/*
 * Shows the addresses of hosts in windows, each lookup a task in a thread, about the
 * window that asked for it.
 */

#include "lookup-window.h"

static void
new_window (GSimpleAction *action G_GNUC_UNUSED,
            GVariant *parameter G_GNUC_UNUSED,
            gpointer application)
{
  gtk_window_present (lookup_window_new (application));
}

static void
quit (GSimpleAction *action G_GNUC_UNUSED,
      GVariant *parameter G_GNUC_UNUSED,
      gpointer application)
{
  g_application_quit (application);
}

static void
on_startup (GApplication *application,
            gpointer user_data G_GNUC_UNUSED)
{
  const GActionEntry actions[] = {
    { .name = "new-window", .activate = new_window },
    { .name = "quit", .activate = quit },
  };
  const struct
  {
    const gchar *action;
    const gchar *keys[2];
  } shortcuts[] = {
    { "app.new-window", { "<Control>n" } },
    { "app.quit", { "<Control>q" } },
    { "window.close", { "<Control>w" } },
  };

  g_action_map_add_action_entries (G_ACTION_MAP (application),
                                   actions, G_N_ELEMENTS (actions), application);
  for (guint i = 0; i < G_N_ELEMENTS (shortcuts); i++)
    gtk_application_set_accels_for_action (GTK_APPLICATION (application),
                                           shortcuts[i].action, shortcuts[i].keys);
}

static void
on_activate (GApplication *application,
             gpointer user_data G_GNUC_UNUSED)
{
  gtk_window_present (lookup_window_new (GTK_APPLICATION (application)));
}

int
main (int argc,
      char **argv)
{
  g_autoptr(AdwApplication) application =
    adw_application_new ("io.github.qio_task.Lookup", G_APPLICATION_DEFAULT_FLAGS);

  g_set_application_name ("Lookup");
  g_signal_connect (application, "startup", G_CALLBACK (on_startup), NULL);
  g_signal_connect (application, "activate", G_CALLBACK (on_activate), NULL);

  return g_application_run (G_APPLICATION (application), argc, argv);
}
