#!/bin/sh
# Compiles every block of C in docs/c.md and README.md against the installed
# library, and runs the first of docs/c.md. What QEMU's headers declare is made up.
#
#   PKG_CONFIG_PATH=PREFIX/lib/pkgconfig tests/capi/docs.sh

set -eu
export LC_ALL=C
root=$(cd "$(dirname "$0")/../.." && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

mkdir "$scratch/qemu" "$scratch/qapi" "$scratch/qom"
: > "$scratch/qemu/osdep.h"
cat > "$scratch/qapi/error.h" <<'END'
typedef struct Error Error;
void error_propagate(Error **dest, Error *error);
void error_free(Error *error);
void error_setg(Error **errp, const char *format, ...);
END
cat > "$scratch/qom/object.h" <<'END'
typedef struct Object Object;
Object *object_ref(void *object);
void object_unref(void *object);
END

for page in docs/c.md README.md; do
  awk -v to="$scratch/$(basename "$page" .md)" '
    /^```c$/ { file = sprintf("%s-%d.c", to, ++n); next }
    /^```$/  { file = "" }
    file     { print > file }
  ' "$root/$page"
done

# A part of a program need not use all that it shows.
for block in "$scratch"/*.c; do
  ${CC:-cc} -Wall -Wextra -Werror -Wno-unused-function -Wno-unused-parameter \
    -I "$scratch" -c "$block" -o "${block%.c}.o" $(pkg-config --cflags qio-task)
  echo "ok: $(basename "$block")"
done

${CC:-cc} "$scratch/c-1.o" -o "$scratch/hello" $(pkg-config --libs qio-task)
said=$(LD_LIBRARY_PATH="$(pkg-config --variable=libdir qio-task):${LD_LIBRARY_PATH:-}" "$scratch/hello")
if [ "$said" != "hello, world" ]; then
  echo "the first program says: $said"
  exit 1
fi
echo "ok: the first program says: $said"
