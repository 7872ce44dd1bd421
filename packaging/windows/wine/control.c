// control PID EVENT: gives a console program a control event as the system does, by a thread in it that runs
// kernelbase's CtrlRoutine, and waits as long as the system does: 5 s for 2 (close), 5 (logoff) and 6 (shutdown), after
// which the program is ended; 30 s for 0 (Ctrl-C) and 1 (Ctrl-Break).
#include <stdio.h>
#include <stdlib.h>
#include <windows.h>

int main(int count, char **words) {
  if (count != 3) return 2;
  DWORD pid = strtoul(words[1], NULL, 10), event = strtoul(words[2], NULL, 10), code = 0;
  HANDLE program = OpenProcess(PROCESS_ALL_ACCESS, FALSE, pid);
  FARPROC routine = GetProcAddress(GetModuleHandleA("kernelbase.dll"), "CtrlRoutine");
  if (!program || !routine) return 2;
  DWORD began = GetTickCount();
  if (!CreateRemoteThread(program, NULL, 0, (LPTHREAD_START_ROUTINE)routine, (void *)(UINT_PTR)event, 0, NULL)) return 2;
  BOOL ended = WaitForSingleObject(program, event < 2 ? 30000 : 5000) == WAIT_OBJECT_0;
  DWORD took = GetTickCount() - began;
  if (!ended) TerminateProcess(program, 1);
  GetExitCodeProcess(program, &code);
  printf("event %lu: %s after %lu ms, exit code %lu\n", event, ended ? "ended by itself" : "HAD TO BE ENDED", took, code);
  return !ended;
}
