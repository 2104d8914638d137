/* The one function of this library of Windows that Rust's standard library asks for. Wine has
 * the library since 9.0; what it is made of there, older ones have as well. */

#include <windows.h>

#include <ntsecapi.h>

__declspec (dllexport) BOOL WINAPI
ProcessPrng (PBYTE data, SIZE_T length)
{
  /* In pieces that its own length can tell. */
  while (length > 0)
    {
      ULONG part = length > 0x10000000 ? 0x10000000 : (ULONG) length;
      if (!RtlGenRandom (data, part))
        return FALSE;
      data += part;
      length -= part;
    }
  return TRUE;
}
