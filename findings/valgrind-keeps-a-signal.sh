#!/bin/sh
# valgrind 3.19.0: a thread that blocks all signals is told that SIGRTMAX is blocked, and for the
# kernel it is not.
#
# valgrind uses that signal (64 on Linux) itself, to end threads. pthread_sigmask () answers as if
# it had been blocked with the others; `SigBlk` in /proc/PID/task/TID/status, where one looks to find
# out what a thread of somebody else has blocked, says otherwise. So a test that a library's threads
# leave all signals to the program, as those of QEMU do, fails under valgrind alone, for this one.
#
# Seen with Debian's valgrind 1:3.19.0-1 (bookworm), amd64, with any tool of it.
# Needs cc and apt. Prints, and fails when that changes:
#   alone: told that SIGRTMAX is blocked 1, and it is 1
#   under valgrind: told that SIGRTMAX is blocked 1, and it is 0
set -eu
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
apt-get download -qq -o APT::Sandbox::User=root "valgrind=1:3.19.0-1" >/dev/null
dpkg-deb -x valgrind_*.deb root

cat >program.c <<'C'
#include <pthread.h>
#include <signal.h>
#include <stdio.h>

int
main (int argc, char **argv)
{
  sigset_t all, told;
  char line[256];
  unsigned long long blocked = 0;
  FILE *status;

  sigfillset (&all);
  pthread_sigmask (SIG_SETMASK, &all, NULL);
  pthread_sigmask (SIG_SETMASK, NULL, &told);
  status = fopen ("/proc/thread-self/status", "r");
  while (status != NULL && fgets (line, sizeof line, status) != NULL)
    sscanf (line, "SigBlk: %llx", &blocked);
  printf ("%s: told that SIGRTMAX is blocked %d, and it is %d\n", argc > 1 ? argv[1] : "",
          sigismember (&told, SIGRTMAX), (int) (blocked >> (SIGRTMAX - 1) & 1));
  return 0;
}
C
cc -o program program.c -pthread
{
  ./program "alone"
  VALGRIND_LIB=$place/root/usr/libexec/valgrind root/usr/bin/valgrind.bin --tool=none -q \
    ./program "under valgrind"
} | tee seen
diff - seen <<'SEEN'
alone: told that SIGRTMAX is blocked 1, and it is 1
under valgrind: told that SIGRTMAX is blocked 1, and it is 0
SEEN
