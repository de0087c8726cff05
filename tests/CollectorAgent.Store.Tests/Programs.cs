using System.ComponentModel;
using System.Diagnostics;

namespace CollectorAgent.Store.Tests;

internal static class Programs
{
    /// <returns>The exit code.</returns>
    public static int Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode;
    }

    /// <returns>False also where there is no such program.</returns>
    public static bool TryRun(string program, params string[] arguments)
    {
        try
        {
            return Run(program, arguments) == 0;
        }
        catch (Win32Exception)
        {
            return false;
        }
    }
}
