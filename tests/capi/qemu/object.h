/* SPDX-License-Identifier: MIT OR Apache-2.0 */

/* An object system and an error type that have nothing to do with GObject. */

#ifndef OBJECT_H
#define OBJECT_H

#include <stdbool.h>

typedef struct Object Object;
typedef struct Error Error;

Object *object_new (void);
Object *object_ref (Object *object);
void object_unref (Object *object);
int object_get_references (Object *object);

Error *error_new (const char *message);
void error_free (Error *error);
const char *error_get_message (const Error *error);

/* Moves @error to @dest. Frees it when @dest is NULL, or has an error
 * already. When @dest is &error_fatal, it says what has happened and exits. */
void error_propagate (Error **dest, Error *error);

extern Error *error_fatal;

/* How many objects and errors there are. */
int objects_alive (void);
int errors_alive (void);

#endif /* OBJECT_H */
