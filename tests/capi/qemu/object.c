/* SPDX-License-Identifier: MIT OR Apache-2.0 */

#include "object.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct Object
{
  atomic_int references;
};

struct Error
{
  char *message;
};

Error *error_fatal;

static atomic_int objects;
static atomic_int errors;

Object *
object_new (void)
{
  Object *object = malloc (sizeof *object);

  assert (object != NULL);
  atomic_init (&object->references, 1);
  objects++;
  return object;
}

Object *
object_ref (Object *object)
{
  object->references++;
  return object;
}

void
object_unref (Object *object)
{
  if (--object->references > 0)
    return;
  objects--;
  free (object);
}

int
object_get_references (Object *object)
{
  return object->references;
}

Error *
error_new (const char *message)
{
  Error *error = malloc (sizeof *error);

  assert (error != NULL);
  error->message = strdup (message);
  errors++;
  return error;
}

void
error_free (Error *error)
{
  errors--;
  free (error->message);
  free (error);
}

const char *
error_get_message (const Error *error)
{
  return error->message;
}

void
error_propagate (Error **dest, Error *error)
{
  if (dest == &error_fatal)
    {
      fprintf (stderr, "fatal: %s\n", error->message);
      exit (EXIT_FAILURE);
    }
  if (dest == NULL || *dest != NULL)
    error_free (error);
  else
    *dest = error;
}

int
objects_alive (void)
{
  return objects;
}

int
errors_alive (void)
{
  return errors;
}
