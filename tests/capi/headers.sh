#!/bin/sh
# Compiles files that include <qio-task.h> beside QEMU's own header of these
# functions, of which a part is made up: in either order the compiler says what to do.
#
#   PKG_CONFIG_PATH=PREFIX/lib/pkgconfig tests/capi/headers.sh

set -eu
export LC_ALL=C
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

mkdir "$scratch/io"
cat > "$scratch/io/task.h" <<'END'
#ifndef QIO_TASK_H
#define QIO_TASK_H
#include <stdbool.h>
typedef struct QIOTask QIOTask;
typedef struct Error Error;
void qio_task_complete(QIOTask *task);
bool qio_task_propagate_error(QIOTask *task, Error **errp);
#endif
END

compile () {
  printf '#include %s\n' "$@" > "$scratch/file.c"
  ${CC:-cc} -std=gnu11 -Wall -Wextra -Werror -I "$scratch" -c "$scratch/file.c" \
    -o "$scratch/file.o" $(pkg-config --cflags qio-task) > "$scratch/said" 2>&1
}

works () {
  compile "$@" || { cat "$scratch/said"; echo "can't be compiled: $*"; exit 1; }
  echo "ok: $*"
}

is_told () {
  if compile "$@"; then echo "nothing is said of: $*"; exit 1; fi
  grep -q "QEMU's io/task.h can't be in this file, too: .*docs/c.md" "$scratch/said" || {
    cat "$scratch/said"
    echo "what to do is not said of: $*"
    exit 1
  }
  echo "ok: refused: $*"
}

ours='<qio-task.h>'
qemus='"io/task.h"'
works "$ours" "$ours"
works "$qemus" "$qemus"
is_told "$qemus" "$ours"
is_told "$ours" "$qemus"
