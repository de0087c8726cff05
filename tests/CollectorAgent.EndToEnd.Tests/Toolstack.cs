using System.Diagnostics;
using System.Text.Json.Nodes;

namespace CollectorAgent.EndToEnd.Tests;

/// <summary>A toolstack in another language, beside an agent.</summary>
internal static class Toolstack
{
    /// <summary>Debian's: one that the path leads to may look for another one first, at each call.</summary>
    private const string Python = "/usr/bin/python3";

    /// <summary>Does a call.</summary>
    /// <returns>The status, and the value or the error.</returns>
    public static Task<(string Status, JsonNode? Value)> CallAsync(AgentProcess agent, string method, params string[] arguments) =>
        RunAsync(Python, [Fixtures.Path("toolstack.py"), agent.Paths.Socket, method, .. arguments]);

    /// <summary>Does a call as a user who may do nothing.</summary>
    public static Task<(string Status, JsonNode? Value)> CallAsNobodyAsync(AgentProcess agent, string method, params string[] arguments) => RunAsync(
        "setpriv",
        [
            "--reuid=65534", "--regid=65534", "--clear-groups", Python, "-c", File.ReadAllText(Fixtures.Path("toolstack.py")), agent.Paths.Socket,
            method, .. arguments,
        ]);

    /// <summary>Does a call that succeeds.</summary>
    public static async Task<JsonNode?> DoAsync(AgentProcess agent, string method, params string[] arguments)
    {
        var (status, value) = await CallAsync(agent, method, arguments);
        Assert.True(status == "Success", $"{method}: {value?.ToJsonString()}\n{agent.Log}");
        return value;
    }

    private static async Task<(string Status, JsonNode? Value)> RunAsync(string program, string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        string output = await process.StandardOutput.ReadToEndAsync().WaitAsync(AgentProcess.Deadline);
        await process.WaitForExitAsync();
        var answer = JsonNode.Parse(output)!.AsArray();
        return ((string)answer[0]!, answer[1]);
    }
}
