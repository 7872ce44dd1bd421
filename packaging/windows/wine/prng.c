// bcryptprimitives.dll as far as a Rust program needs it. Windows has it; Wine 8 has not.
#include <windows.h>

BOOLEAN WINAPI SystemFunction036(PVOID bytes, ULONG length); // RtlGenRandom

__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE bytes, SIZE_T length) {
  return SystemFunction036(bytes, (ULONG)length);
}
