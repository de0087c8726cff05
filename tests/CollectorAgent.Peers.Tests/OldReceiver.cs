using System.Diagnostics;
using System.Text.Json.Nodes;

namespace CollectorAgent.Peers.Tests;

/// <summary>A receiver as hosts in the field have it: tests/fixtures/old_receiver.py.</summary>
internal sealed class OldReceiver : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(120);

    private readonly Process _process;

    private OldReceiver(Process process, int port)
    {
        _process = process;
        Address = PeerAddress.Parse($"127.0.0.1:{port}");
    }

    public PeerAddress Address { get; }

    public static async Task<OldReceiver> StartAsync(string certificate, string behaviour)
    {
        string program = TestKit.Repository.PathOf("tests/fixtures/old_receiver.py");
        var process = Process.Start(new ProcessStartInfo("python3", [program, certificate, behaviour]) { RedirectStandardOutput = true })!;
        return new OldReceiver(process, (int)(await NextAsync(process, "port"))!);
    }

    /// <summary>What it says next under a name; what it says before is passed over.</summary>
    public Task<JsonNode> NextAsync(string name) => NextAsync(_process, name);

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }

    private static async Task<JsonNode> NextAsync(Process process, string name)
    {
        while (true)
        {
            string line = await process.StandardOutput.ReadLineAsync().WaitAsync(Deadline) ?? throw new InvalidOperationException("the receiver ended");
            if (JsonNode.Parse(line)![name] is { } value)
            {
                return value;
            }
        }
    }
}
