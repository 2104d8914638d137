#!/bin/sh
# GLib 2.74.6: a source with a descriptor is dispatched when that is ready, though its own
# `check` says that there is nothing to do.
#
# g_source_add_unix_fd () adds a descriptor to a source, and the source's `check` may ask with
# g_source_query_unix_fd () what was found. Who expects `check` to have the last word, as it
# has it with the older g_source_add_poll (), is surprised: g_main_context_check () looks at
# the descriptors by itself where `check` returns FALSE, and dispatches the source all the
# same. So a source can't be woken by its descriptor without being dispatched at its
# priority: a wake-up of a source at G_PRIORITY_DEFAULT comes before what is due at 200.
#
# Seen with Debian's libglib2.0-0 and libglib2.0-dev 2.74.6-2+deb12u9 (bookworm), amd64.
# Needs cc and apt. Prints, and fails when that changes:
#   unix_fd: check said FALSE, dispatched 1 time(s)
#   poll: check said FALSE, dispatched 0 time(s)
set -eu
VERSION=2.74.6-2+deb12u9
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
apt-get download -qq -o APT::Sandbox::User=root \
  "libglib2.0-0=$VERSION" "libglib2.0-dev=$VERSION" >/dev/null
for package in *.deb; do dpkg-deb -x "$package" root; done
lib=$(dirname "$(find root -name 'libglib-2.0.so.0' | head -n 1)")
include="-Iroot/usr/include/glib-2.0 -I$(dirname "$(find root -name glibconfig.h)")"

cat >program.c <<'C'
#include <glib.h>
#include <stdio.h>
#include <unistd.h>

typedef struct
{
  GSource source;
  GPollFD polled;
  int dispatched;
} Own;

static gboolean
nothing_to_do (GSource *source, gint *timeout)
{
  *timeout = -1;
  return FALSE;
}

static gboolean
still_nothing_to_do (GSource *source)
{
  return FALSE;
}

static gboolean
count (GSource *source, GSourceFunc func, gpointer data)
{
  ((Own *) source)->dispatched++;
  return G_SOURCE_CONTINUE;
}

static GSourceFuncs funcs = { nothing_to_do, still_nothing_to_do, count, NULL, NULL, NULL };

static void
look (const char *how, gboolean unix_fd)
{
  GMainContext *context = g_main_context_new ();
  GSource *source = g_source_new (&funcs, sizeof (Own));
  Own *own = (Own *) source;
  int ends[2];

  g_assert_cmpint (pipe (ends), ==, 0);
  g_assert_cmpint (write (ends[1], "!", 1), ==, 1);
  if (unix_fd)
    {
      g_source_add_unix_fd (source, ends[0], G_IO_IN);
    }
  else
    {
      own->polled = (GPollFD) { .fd = ends[0], .events = G_IO_IN };
      g_source_add_poll (source, &own->polled);
    }
  g_source_attach (source, context);
  g_main_context_iteration (context, FALSE);
  printf ("%s: check said FALSE, dispatched %d time(s)\n", how, own->dispatched);
  g_source_destroy (source);
  g_source_unref (source);
  g_main_context_unref (context);
  close (ends[0]);
  close (ends[1]);
}

int
main (void)
{
  look ("unix_fd", TRUE);
  look ("poll", FALSE);
  return 0;
}
C
cc $include program.c -o program "$lib/libglib-2.0.so.0"
LD_LIBRARY_PATH=$lib ./program | tee seen
cat >expected <<'TEXT'
unix_fd: check said FALSE, dispatched 1 time(s)
poll: check said FALSE, dispatched 0 time(s)
TEXT
cmp expected seen
