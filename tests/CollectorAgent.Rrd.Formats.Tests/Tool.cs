using System.Diagnostics;
using System.Text;

namespace CollectorAgent.Rrd.Formats.Tests;

/// <summary>Another program: what it answers to its input, before a deadline.</summary>
internal static class Tool
{
    /// <summary>The one that the packages of the distribution belong to, whatever comes first on the path.</summary>
    public const string Python = "/usr/bin/python3";

    public const string Rrdtool = "/usr/bin/rrdtool";

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(120);

    private static readonly UTF8Encoding Encoding = new(encoderShouldEmitUTF8Identifier: false);

    /// <returns>What it wrote to its standard output.</returns>
    public static async Task<string> RunAsync(string path, IEnumerable<string> arguments, string input = "")
    {
        using var process = Process.Start(new ProcessStartInfo(path, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardInputEncoding = Encoding,
            StandardOutputEncoding = Encoding,
            Environment = { ["LC_ALL"] = "C.UTF-8", ["TZ"] = "UTC" },
        })!;
        using var deadline = new CancellationTokenSource(Deadline);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(deadline.Token);
            var errors = process.StandardError.ReadToEndAsync(deadline.Token);
            await process.StandardInput.WriteAsync(input.AsMemory(), deadline.Token);
            process.StandardInput.Close();
            await process.WaitForExitAsync(deadline.Token);
            Assert.True(process.ExitCode == 0, $"{path} failed: {await errors} {await output}");
            return await output;
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }
}
