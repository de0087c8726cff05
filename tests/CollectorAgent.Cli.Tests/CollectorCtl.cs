using System.Diagnostics;

namespace CollectorAgent.Cli.Tests;

/// <summary>The built program.</summary>
internal static class CollectorCtl
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    public static string Path { get; } = Find();

    public static Task<ProgramResult> RunAsync(params string[] arguments) => RunProgramAsync(Path, arguments);

    /// <summary>Runs a line of the shell, in which <c>$CTL</c> is the program.</summary>
    public static Task<ProgramResult> ShellAsync(string line) => RunProgramAsync("/bin/sh", "-c", line);

    public static async Task<ProgramResult> RunProgramAsync(string program, params string[] arguments)
    {
        using var process = Start(program, arguments);
        using var deadline = new CancellationTokenSource(Deadline);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(deadline.Token);
            var errors = process.StandardError.ReadToEndAsync(deadline.Token);
            await process.WaitForExitAsync(deadline.Token);
            return new ProgramResult(process.ExitCode, await output, await errors);
        }
        finally
        {
            End(process);
        }
    }

    /// <summary>Runs it until it has written so many lines and <paramref name="ready"/> has come, and interrupts it as Ctrl-C does.</summary>
    public static async Task<ProgramResult> InterruptAsync(int lines, Task ready, params string[] arguments)
    {
        using var process = Start(Path, arguments);
        using var deadline = new CancellationTokenSource(Deadline);
        try
        {
            var errors = process.StandardError.ReadToEndAsync(deadline.Token);
            string seen = "";
            for (int i = 0; i < lines; i++)
            {
                seen += await process.StandardOutput.ReadLineAsync(deadline.Token) + "\n";
            }
            await ready.WaitAsync(deadline.Token);
            using var kill = Process.Start("/bin/sh", ["-c", $"kill -INT {process.Id}"]);
            await kill.WaitForExitAsync(deadline.Token);
            seen += await process.StandardOutput.ReadToEndAsync(deadline.Token);
            await process.WaitForExitAsync(deadline.Token);
            return new ProgramResult(process.ExitCode, seen, await errors);
        }
        finally
        {
            End(process);
        }
    }

    private static Process Start(string program, string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["CTL"] = Path;
        start.Environment["LC_ALL"] = "C.UTF-8";
        return Process.Start(start)!;
    }

    private static void End(Process process)
    {
        if (!process.HasExited)
        {
            process.Kill(entireProcessTree: true);
        }
    }

    /// <summary>It lies beside these tests in the folder of built things, under the same configuration.</summary>
    private static string Find()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        string configuration = folder.Name;
        while (folder is not null && !File.Exists(System.IO.Path.Combine(folder.FullName, "CollectorAgent.sln")))
        {
            folder = folder.Parent;
        }
        return System.IO.Path.Combine(folder!.FullName, "artifacts", "bin", "CollectorAgent.Cli", configuration, "collectorctl");
    }
}

internal sealed record ProgramResult(int Code, string Output, string Errors)
{
    public string[] Lines => Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
