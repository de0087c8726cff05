using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace CollectorAgent.Protocol.Tests;

/// <summary>The real python3: the one that the packages of the distribution belong to, whatever comes first on the path.</summary>
internal static class Python
{
    private const string Program = "/usr/bin/python3";

    public static string Repository { get; } = FindRepository();

    public static string Fixture(string name) => Path.Combine(Repository, "tests", "fixtures", name);

    /// <summary>A script that answers each line of input with one line of output.</summary>
    public static Process Start(params string[] arguments) => Process.Start(
        new ProcessStartInfo(Program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true })!;

    public static string Ask(this Process python, string line)
    {
        python.StandardInput.WriteLine(line);
        python.StandardInput.Flush();
        return python.StandardOutput.ReadLine() ?? throw new InvalidOperationException("python3 has ended");
    }

    public static void End(this Process python)
    {
        python.StandardInput.Close();
        python.WaitForExit();
        Assert.Equal(0, python.ExitCode);
        python.Dispose();
    }

    private static string FindRepository([CallerFilePath] string thisFile = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(thisFile)!, "..", ".."));
}
