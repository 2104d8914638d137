/* Which GLib it is that programs load. */

#include <stdio.h>

#include <glib.h>

int
main (void)
{
  printf ("%u.%u.%u\n", glib_major_version, glib_minor_version, glib_micro_version);
  return 0;
}
