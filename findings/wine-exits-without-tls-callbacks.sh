#!/bin/sh
# Wine 8.0: as a process ends, the TLS callbacks of its program are not called.
#
# Windows calls them with DLL_PROCESS_DETACH on the thread that ends the process, as it calls those
# of libraries. Rust's standard library runs the destructors of the main thread's storage there.
# Under Wine 8 those of other threads run as they end, and those of the main thread do not: what a
# program prints or writes in them is missing, with no word about it.
#
# Seen with Debian's wine64 8.0~repack-4 (bookworm), amd64, and mingw-w64's gcc 12.2.0.
# Needs apt, and a minute.
# Prints, and fails when that changes:
#   process begins
#   thread begins
#   thread ends
set -eu
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
apt-get download -qq -o APT::Sandbox::User=root \
  "wine64=8.0~repack-4" "libwine=8.0~repack-4" "libunwind8=1.6.2-3" "libz-mingw-w64=1.2.13+dfsg-1" \
  "gcc-mingw-w64-x86-64-win32=12.2.0-14+deb12u1+25.2+b1" \
  "gcc-mingw-w64-x86-64-win32-runtime=12.2.0-14+deb12u1+25.2+b1" \
  "gcc-mingw-w64-base=12.2.0-14+deb12u1+25.2+b1" \
  "binutils-mingw-w64-x86-64=2.40-2+10.4" \
  "mingw-w64-x86-64-dev=10.0.0-3" "mingw-w64-common=10.0.0-3" >/dev/null
for package in *.deb; do dpkg-deb -x "$package" root; done
export LD_LIBRARY_PATH="$place/root/usr/lib/x86_64-linux-gnu"

cat >program.c <<'C'
#include <windows.h>

/* In the order of the numbers that it is called with. */
static const char *const told[] = {
  "process ends\n", "process begins\n", "thread begins\n", "thread ends\n"
};

static void NTAPI
callback (PVOID module, DWORD reason, PVOID reserved)
{
  DWORD written;

  (void) module, (void) reserved;
  WriteFile (GetStdHandle (STD_OUTPUT_HANDLE), told[reason], lstrlenA (told[reason]), &written,
             NULL);
}

/* Where the linker gathers them. */
__attribute__ ((section (".CRT$XLC"), used)) static const PIMAGE_TLS_CALLBACK place = callback;

static DWORD WINAPI
end_at_once (LPVOID unused)
{
  (void) unused;
  return 0;
}

int
main (void)
{
  HANDLE thread = CreateThread (NULL, 0, end_at_once, NULL, 0, NULL);

  WaitForSingleObject (thread, INFINITE);
  CloseHandle (thread);
  return 0;
}
C
PATH="$place/root/usr/bin:$PATH" x86_64-w64-mingw32-gcc-win32 -o program.exe program.c
mkdir wine
export HOME="$place/wine" WINEPREFIX="$place/wine" WINELOADER="$place/root/usr/lib/wine/wine64"
export WINEDEBUG=-all WINEDLLOVERRIDES='mscoree,mshtml='
# Debian's libraries of Wine need zlib1.dll.
export WINEPATH="Z:$place/root/usr/x86_64-w64-mingw32/lib"
# Makes its folder first, and ends when that is there.
"$WINELOADER" wineboot --init 2>/dev/null
"$WINELOADER" program.exe | tee seen
diff - seen <<'SEEN'
process begins
thread begins
thread ends
SEEN
