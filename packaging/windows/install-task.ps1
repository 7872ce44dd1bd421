# Makes a task of sessions.cmd: it starts when you log on, in a window of its own, and runs until you log off.
#   .\install-task.ps1            makes the task and starts it
#   .\install-task.ps1 -Remove    takes it away (end a running session with Ctrl-C in its window first)
param([switch] $Remove)
$ErrorActionPreference = 'Stop'
$name = 'NEO paper'

if ($Remove) {
    Unregister-ScheduledTask -TaskName $name -Confirm:$false
    return
}

$user = [Security.Principal.WindowsIdentity]::GetCurrent().Name
$command = Join-Path $PSScriptRoot 'sessions.cmd'
$task = @{
    TaskName    = $name
    Description = 'NEO, paper sessions'
    Action      = New-ScheduledTaskAction -Execute "`"$command`"" -WorkingDirectory $PSScriptRoot
    # With its user named, a logon trigger needs no administrator.
    Trigger     = New-ScheduledTaskTrigger -AtLogOn -User $user
    Principal   = New-ScheduledTaskPrincipal -UserId $user -LogonType Interactive
    # No end after three days, no end on battery, never two at a time.
    Settings    = New-ScheduledTaskSettingsSet -ExecutionTimeLimit ([TimeSpan]::Zero) -MultipleInstances IgnoreNew `
        -AllowStartIfOnBatteries -DontStopIfGoingOnBatteries
}
Register-ScheduledTask @task -Force | Out-Null
Start-ScheduledTask -TaskName $name
