using System.Diagnostics;
using System.Text.Json;
using CollectorAgent.TestKit;

namespace CollectorAgent.Forwarding.Tests;

/// <summary>What a front, another program in another language, does with one client. See tests/fixtures/front.py.</summary>
internal sealed record Front
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    /// <summary>The message, in as many sends; a char is a byte.</summary>
    public string[] Parts { get; init; } = ["""{"m":"Get","path":"/x","query":{}}"""];

    public string Descriptors { get; init; } = "client";

    /// <summary>Whether the front sends nothing more after the message, and says so.</summary>
    public bool Ends { get; init; }

    /// <summary>Number of bytes of the answer that the client waits for before it sends.</summary>
    public int Waits { get; init; }

    /// <summary>What the client sends by itself.</summary>
    public string Sends { get; init; } = "";

    /// <summary>Whether the client says that it sends no more.</summary>
    public bool Stops { get; init; }

    public bool Reads { get; init; } = true;

    /// <summary>Number of bytes of the answer after which the client goes away; 0: it stays.</summary>
    public int Leaves { get; init; }

    /// <summary>Number of the user that the front works as; 0: the test's.</summary>
    public int User { get; init; }

    /// <summary>Waits until the agent closes the front's connection.</summary>
    public async Task<FrontReport> HandOverAsync(string socket)
    {
        string script = Repository.PathOf("tests/fixtures/front.py");
        using var process = Process.Start(new ProcessStartInfo("/usr/bin/python3", [script, "one", socket])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        try
        {
            await process.StandardInput.WriteAsync(JsonSerializer.Serialize(this, JsonSerializerOptions.Web));
            process.StandardInput.Close();
            string report = await process.StandardOutput.ReadToEndAsync().WaitAsync(Deadline);
            return JsonSerializer.Deserialize<FrontReport>(report, JsonSerializerOptions.Web)!;
        }
        finally
        {
            process.Kill();
        }
    }
}
