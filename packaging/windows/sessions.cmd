@echo off
rem Paper sessions of a day, one after the other, until somebody has to look. install-task.ps1 makes a task of it.
rem The database, its backups and the log are in %LOCALAPPDATA%\NEO. Arguments go to "neo paper" in place of a day's.
setlocal
set "data=%LOCALAPPDATA%\NEO"
set "how=%*"
if not defined how set "how=--duration 24h --speed 1"
if not exist "%data%\" mkdir "%data%"
set failures=0
echo NEO trades on paper, session after session. Database and log: %data%
echo Ctrl-C ends the session in order.

:again
"%~dp0neo.exe" -v paper --db "%data%\paper.db" %how% >>"%data%\paper.log" 2>&1
set code=%ERRORLEVEL%
>>"%data%\paper.log" echo %DATE% %TIME% exit code %code%

rem 0: the session is over. 2, 3, 4: wrong use, a guard, a refused start: somebody has to look.
if "%code%"=="0" goto over
if "%code%"=="2" goto look
if "%code%"=="3" goto look
if "%code%"=="4" goto look

rem A failed disk or program, or killed: the next start recovers. Five in a row: somebody has to look.
set /a failures+=1
if %failures% geq 5 goto look
goto wait

:over
set failures=0

:wait
ping -n 11 127.0.0.1 >nul
goto again

:look
echo Stopped with exit code %code%. The end of %data%\paper.log and docs\halts.md say why.
exit /b %code%
