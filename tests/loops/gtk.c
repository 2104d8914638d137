/* SPDX-License-Identifier: MIT OR Apache-2.0 */

/* A GTK application that takes 40 ms to draw a frame, and draws one after the other: gtk
 * bounded|unbounded. */

#include "told.h"

#include <gtk/gtk.h>

static const gchar *mode;

static void
draw (GtkDrawingArea *area G_GNUC_UNUSED,
      cairo_t *cairo,
      int width,
      int height,
      gpointer data G_GNUC_UNUSED)
{
  cairo_rectangle (cairo, 0, 0, width, height);
  cairo_fill (cairo);
  g_usleep (40 * 1000);
  told_turn ();
}

static gboolean
draw_again (GtkWidget *area,
            GdkFrameClock *clock G_GNUC_UNUSED,
            gpointer data G_GNUC_UNUSED)
{
  gtk_widget_queue_draw (area);
  return G_SOURCE_CONTINUE;
}

static void
activate (GtkApplication *application,
          gpointer data G_GNUC_UNUSED)
{
  GtkWidget *window = gtk_application_window_new (application);
  GtkWidget *area = gtk_drawing_area_new ();
  g_autofree gchar *name = g_strdup_printf ("GTK %u.%u.%u: frames of 40 ms",
                                            gtk_get_major_version (), gtk_get_minor_version (),
                                            gtk_get_micro_version ());

  gtk_drawing_area_set_draw_func (GTK_DRAWING_AREA (area), draw, NULL, NULL);
  gtk_widget_add_tick_callback (area, draw_again, NULL, NULL);
  gtk_window_set_child (GTK_WINDOW (window), area);
  gtk_window_present (GTK_WINDOW (window));
  told_begin (name, g_str_equal (mode, "bounded"));
}

int
main (int argc G_GNUC_UNUSED,
      char **argv)
{
  g_autoptr(GtkApplication) application = gtk_application_new (NULL, G_APPLICATION_NON_UNIQUE);

  mode = argv[1];
  g_signal_connect (application, "activate", G_CALLBACK (activate), NULL);
  return g_application_run (G_APPLICATION (application), 1, argv);
}
