using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace CollectorAgent.EndToEnd.Tests;

/// <summary>A toolstack's HTTP front in another language, which hands its clients over to an agent. It is gone at the end.</summary>
internal sealed class FrontProcess : IDisposable
{
    private readonly Process _process;

    private FrontProcess(Process process, string address)
    {
        _process = process;
        Address = address;
    }

    /// <summary>Where its clients go.</summary>
    public string Address { get; }

    public static async Task<FrontProcess> StartAsync(string socket, [CallerFilePath] string thisFile = "")
    {
        string script = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(thisFile)!, "..", "fixtures", "front.py"));
        var process = Process.Start(new ProcessStartInfo("/usr/bin/python3", [script, "listen", socket])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        string? port = await process.StandardOutput.ReadLineAsync().WaitAsync(AgentProcess.Deadline);
        return new FrontProcess(process, "http://127.0.0.1:" + port);
    }

    /// <summary>What it saw of its own connection, once for each client: <c>closed</c>.</summary>
    public async Task<string?> SeenAsync() => await _process.StandardOutput.ReadLineAsync().WaitAsync(AgentProcess.Deadline);

    public void Dispose()
    {
        _process.Kill();
        _process.Dispose();
    }
}
