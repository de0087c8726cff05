using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using CollectorAgent.Protocol;

namespace CollectorAgent.Rpc.Tests;

/// <summary>What docs/formats/messagepack-rpc.md says, held against the agent.</summary>
public sealed partial class DocumentTests : IAsyncLifetime
{
    private static readonly string Document = File.ReadAllText(Path());

    private readonly SocketRig _rig = new() { Version = "0.1.0", SaidPaths = new AgentPaths("/") };

    public Task InitializeAsync() => _rig.InitializeAsync();

    public Task DisposeAsync() => _rig.DisposeAsync();

    [Fact]
    public async Task Example_is_what_is_said_byte_for_byte()
    {
        using var client = await _rig.ConnectAsync();
        var messages = Messages().ToList();
        Assert.Equal([true, false, true, false, false, true, false, true, false], messages.Select(m => m.IsSent));
        foreach (var (isSent, bytes) in messages)
        {
            if (isSent)
            {
                await client.SendAsync(bytes);
                continue;
            }
            if (RpcMessage.Read(bytes).Kind == RpcMessageKind.Notice)
            {
                _rig.Time.Advance(TimeSpan.FromSeconds(1.5));
            }
            Assert.Equal(Convert.ToHexStringLower(bytes), Convert.ToHexStringLower(await client.NextBytesAsync()));
        }
    }

    [Fact]
    public void Limits_are_those_of_the_code()
    {
        var limits = new Dictionary<string, int>
        {
            ["SocketRpc.MaxMessageBytes"] = SocketRpc.MaxMessageBytes,
            ["SocketRpc.MaxDepth"] = SocketRpc.MaxDepth,
            ["SocketRpc.MaxRegistrations"] = SocketRpc.MaxRegistrations,
            ["SocketRpc.MostSkippedNotices"] = SocketRpc.MostSkippedNotices,
        };

        var said = Rows("constant").Where(r => r[2][0] == '`').ToDictionary(r => r[2].Trim('`'), r => int.Parse(r[1].Split(' ')[0], CultureInfo.InvariantCulture));

        Assert.Equal(limits.OrderBy(l => l.Key), said.OrderBy(l => l.Key));
    }

    [Fact]
    public void Every_method_and_code_is_in_its_table()
    {
        string[] methods = [SocketRpc.Hello, SocketRpc.Register, SocketRpc.Deregister, SocketRpc.NextReading, SocketRpc.Capabilities];
        string[] codes = [RpcError.InvalidProtocol, RpcError.UnknownMethod, RpcError.InternalError];

        Assert.Equal(methods, Rows("result").Select(r => r[0].Trim('`')));
        Assert.Equal(codes, Rows("when").Select(r => r[0].Trim('`')));
    }

    private static IEnumerable<(bool IsSent, byte[] Bytes)> Messages()
    {
        var lines = Example().Match(Document).Groups["text"].Value.Split('\n');
        for (int i = 0; i < lines.Length;)
        {
            char who = lines[i][0];
            string hex = "";
            do
            {
                hex += Bytes().Match(lines[i++][2..]).Value.Replace(" ", "", StringComparison.Ordinal);
            }
            while (i < lines.Length && lines[i][0] == ' ');
            yield return (who == '>', Convert.FromHexString(hex));
        }
    }

    /// <summary>The rows of the table whose last column has that title.</summary>
    private static IEnumerable<string[]> Rows(string lastTitle) => Document.Split('\n')
        .SkipWhile(l => !l.EndsWith($"| {lastTitle} |", StringComparison.Ordinal))
        .Skip(2)
        .TakeWhile(l => l.StartsWith('|'))
        .Select(l => l.Trim('|', ' ').Split(" | "));

    private static string Path([CallerFilePath] string thisFile = "") =>
        System.IO.Path.Combine(System.IO.Path.GetDirectoryName(thisFile)!, "..", "..", "docs", "formats", "messagepack-rpc.md");

    [GeneratedRegex("```\n(?<text>.*?)\n```", RegexOptions.Singleline)]
    private static partial Regex Example();

    [GeneratedRegex("^([0-9a-f]{2} ?)+(?= |$)")]
    private static partial Regex Bytes();
}
