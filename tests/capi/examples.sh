#!/bin/sh
# Builds examples/c against the installed library and runs both programs, under
# valgrind where it is: what they print, what they exit with, timeout and Ctrl-C.
#
#   PKG_CONFIG_PATH=PREFIX/lib/pkgconfig tests/capi/examples.sh

set -eu
export LC_ALL=C
root=$(cd "$(dirname "$0")/../.." && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
LD_LIBRARY_PATH="$(pkg-config --variable=libdir qio-task):${LD_LIBRARY_PATH:-}"
export LD_LIBRARY_PATH

for program in resolve digest; do
  ${CC:-cc} -g -O1 -Wall -Wextra -Werror "$root/examples/c/$program.c" \
    -o "$scratch/$program" $(pkg-config --cflags --libs qio-task)
done

# A name server that never answers for one name.
cat > "$scratch/deaf.c" <<'END'
#define _GNU_SOURCE
#include <dlfcn.h>
#include <netdb.h>
#include <string.h>
#include <unistd.h>

typedef int Resolver (const char *, const char *, const struct addrinfo *,
                      struct addrinfo **);

int
getaddrinfo (const char *name, const char *service,
             const struct addrinfo *hints, struct addrinfo **infos)
{
  while (strcmp (name, "deaf.invalid") == 0)
    pause ();
  return ((Resolver *) dlsym (RTLD_NEXT, "getaddrinfo")) (name, service, hints, infos);
}
END
${CC:-cc} -shared -fPIC "$scratch/deaf.c" -o "$scratch/deaf.so" -ldl

# What glibc keeps for threads that live until the end it would free too early.
memcheck=
if command -v valgrind > /dev/null; then
  memcheck="valgrind -q --run-libc-freeres=no --leak-check=full --show-leak-kinds=definite,indirect
    --errors-for-leak-kinds=definite,indirect --error-exitcode=99"
fi

# expect CODE TEXT COMMAND...: what it exits with, and a line that it prints
expect () {
  code=$1 text=$2
  shift 2
  got=0
  env LD_PRELOAD="$scratch/deaf.so" timeout 60 $memcheck "$@" > "$scratch/out" 2>&1 || got=$?
  check
}

check () {
  if [ "$got" -ne "$code" ] || ! grep -q -e "$text" "$scratch/out"; then
    echo "expected $code and \"$text\", got $got and:"
    cat "$scratch/out"
    exit 1
  fi
  echo "ok: exits with $code, prints: $text"
}

cd "$scratch"
expect 0 '^127.0.0.1: 127.0.0.1' ./resolve
expect 1 '^localhost: ' ./resolve localhost 'not a name'
expect 1 '^not a name: ' ./resolve 'not a name'
expect 1 '^deaf.invalid: .*timed out' ./resolve --timeout=0.05 deaf.invalid
expect 2 'no timeout' ./resolve --timeout=-1
expect 2 'nknown option' ./resolve --no-such-option
printf abc > abc
expect 0 '^ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  .*abc' ./digest abc
expect 1 '^/no/such/file: ' ./digest abc /no/such/file
expect 2 'Usage' ./digest

# Ctrl-C, once the other name is there.
env LD_PRELOAD="$scratch/deaf.so" timeout 60 $memcheck ./resolve -t 0 deaf.invalid localhost > out 2>&1 &
until grep -q '^localhost: ' out || ! kill -0 $!; do sleep 0.1; done
kill -INT $!
got=0 code=130 text='^deaf.invalid: .*cancelled'
wait $! || got=$?
check
