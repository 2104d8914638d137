/* SPDX-License-Identifier: MIT OR Apache-2.0 */

/* What the tests take from Unix, for Windows: each is compiled with this before its first line. */

#ifndef UNIX_H
#define UNIX_H

#define WIN32_LEAN_AND_MEAN
#include <windows.h>

#include <stdio.h>
#include <unistd.h>

/* A function there, and one in many a test. */
#define tell own_tell

static volatile LONG64 alarm_at = MAXLONG64;

static inline DWORD WINAPI
wait_for_alarm (LPVOID unused)
{
  (void) unused;
  while (InterlockedCompareExchange64 (&alarm_at, 0, 0) > (LONG64) GetTickCount64 ())
    Sleep (100);
  fputs ("Alarm clock\n", stderr);
  TerminateProcess (GetCurrentProcess (), 142);
  return 0;
}

/* Ends the process so many seconds after the last call. */
static inline unsigned
alarm (unsigned seconds)
{
  static LONG is_set = 0;

  InterlockedExchange64 (&alarm_at, (LONG64) GetTickCount64 () + 1000 * (LONG64) seconds);
  if (InterlockedExchange (&is_set, 1) == 0)
    CloseHandle (CreateThread (NULL, 0, wait_for_alarm, NULL, 0, NULL));
  return 0;
}

#endif /* UNIX_H */
