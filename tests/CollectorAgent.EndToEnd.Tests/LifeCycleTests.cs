using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using CollectorAgent.Protocol;
using CollectorAgent.TestKit;

namespace CollectorAgent.EndToEnd.Tests;

/// <summary>Two agents as two hosts, told by a toolstack in another language: a VM starts here, moves there, is shut down, and starts again.</summary>
public sealed class LifeCycleTests
{
    private const string Vm = "11111111-0000-4000-8000-000000000001";

    private static readonly string Updates = "/rrd_updates?start=-590&json&vm_uuid=" + Vm;

    [Fact]
    public async Task History_of_a_vm_is_whole_wherever_it_has_been()
    {
        using var first = new PoolHost();
        using var second = new PoolHost();
        PoolHost.Join(first, second);
        using var here = await first.StartAsync();
        using var there = await second.StartAsync();
        await Toolstack.DoAsync(here, "push_rrd_local", "vm_uuid=" + Vm, "domid=1");

        var known = new SortedDictionary<long, double>();
        await RunAsync(here, known);
        await Toolstack.DoAsync(here, "migrate_rrd", "vm_uuid=" + Vm, "remote_address=" + second.Address, "host_uuid=x");
        Assert.False((bool)(await Toolstack.DoAsync(here, "has_vm_rrd", "vm_uuid=" + Vm))!);
        await RunAsync(there, known);
        await Toolstack.DoAsync(there, "archive_rrd", "vm_uuid=" + Vm, "remote_address=" + first.Address);
        Assert.True(File.Exists(Path.Combine(first.Paths.Archives, Vm + ".gz")));
        Assert.False((bool)(await Toolstack.DoAsync(there, "has_vm_rrd", "vm_uuid=" + Vm))!);
        await Toolstack.DoAsync(here, "push_rrd_remote", "vm_uuid=" + Vm, "remote_address=" + second.Address);
        await RunAsync(there, known);

        var whole = Rows(await there.UntilAsync(Updates, _ => true));
        foreach (var (time, value) in known)
        {
            Assert.Equal(value, whole[time]);
        }
        Assert.Empty((await there.UntilAsync("/status", _ => true))["failed_transfers"]!.AsArray());
    }

    [Fact]
    public async Task Sender_of_before_hands_over_through_a_toolstacks_front()
    {
        using var folder = new TemporaryFolder();
        string none = Directory.CreateDirectory(Path.Combine(folder.Path, "none")).FullName;
        using var agent = await AgentProcess.StartAsync(folder.Path, "--listen", "none", "--plugins", none);
        string document = Repository.PathOf("tests/golden/rrd-internal.xml");

        string kept = await SendAsync("archive=true", document);
        string refused = await SendAsync("archive=true", Repository.PathOf("tests/golden/sdk-api.txt"), "</rrd>");
        string live = await SendAsync("", document);

        Assert.Equal("HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nCache-Control: no-cache, no-store\r\n\r\n\n", kept);
        Assert.True(File.Exists(Path.Combine(agent.Paths.Archives, Vm + ".gz")));
        Assert.Contains("HTTP/1.1 400", refused, StringComparison.Ordinal);
        Assert.Equal(kept, live);
        Assert.True((bool)(await Toolstack.DoAsync(agent, "has_vm_rrd", "vm_uuid=" + Vm))!, agent.Log);

        async Task<string> SendAsync(string query, string path, string end = "")
        {
            string sent = Path.Combine(folder.Path, "sent");
            await File.WriteAllTextAsync(sent, await File.ReadAllTextAsync(path) + end);
            var start = new ProcessStartInfo("python3", [Fixtures.Path("old_sender.py"), agent.Paths.ForwardedSocket, Vm, query, sent])
            {
                RedirectStandardOutput = true,
            };
            using var process = Process.Start(start)!;
            string output = await process.StandardOutput.ReadToEndAsync().WaitAsync(AgentProcess.Deadline);
            await process.WaitForExitAsync();
            return output;
        }
    }

    [RootFact]
    public async Task Only_root_and_the_agents_user_may_tell()
    {
        using var host = new PoolHost();
        PoolHost.Join(host);
        using var agent = await host.StartAsync();
        const UnixFileMode All = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;
        File.SetUnixFileMode(host.Paths.Root, All | UnixFileMode.UserExecute | UnixFileMode.OtherExecute);
        File.SetUnixFileMode(agent.Paths.Socket, All);

        Assert.False((bool)(await Toolstack.DoAsync(agent, "has_vm_rrd", "vm_uuid=" + Vm))!);
        var (status, error) = await Toolstack.CallAsNobodyAsync(agent, "has_vm_rrd", "vm_uuid=" + Vm);
        Assert.Equal("Failure", status);
        Assert.Contains("only root", error!.ToJsonString(), StringComparison.Ordinal);
    }

    /// <summary>A plugin reports the VM on a host until two rows of it are there; then it is gone.</summary>
    private static async Task RunAsync(AgentProcess agent, SortedDictionary<long, double> known)
    {
        string page = agent.Paths.Page("vms");
        double value = known.Count + 1;
        var source = new ReportedSource("load") { Owner = new Owner(OwnerKind.Vm, Vm), Type = ReportedType.Gauge, IsDefault = true };
        long before = known.Count == 0 ? 0 : known.Keys.Max();
        using var stop = new CancellationTokenSource();
        var writing = Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                double now = (TimeProvider.System.GetUtcNow() - DateTimeOffset.UnixEpoch).TotalSeconds;
                await File.WriteAllBytesAsync(page + ".tmp", PageWriter.Version2(now, [source], [BitConverter.DoubleToInt64Bits(value)]));
                File.Move(page + ".tmp", page, overwrite: true);
                await Task.Delay(TimeSpan.FromMilliseconds(500), TimeProvider.System);
            }
        });
        JsonNode updates;
        try
        {
            updates = await agent.UntilAsync(Updates, u => Rows(u).Count(r => r.Key > before && r.Value == value) >= 2);
        }
        finally
        {
            await stop.CancelAsync();
            await writing;
        }
        File.Delete(page);
        await agent.UntilAsync("/status", s => AgentProcess.Page(s, "vms") is null);
        foreach (var (time, known1) in Rows(updates).Where(r => r.Key > before))
        {
            known[time] = known1;
        }
    }

    private static SortedDictionary<long, double> Rows(JsonNode updates)
    {
        var result = new SortedDictionary<long, double>();
        foreach (var row in updates["data"]!.AsArray())
        {
            double value = double.Parse((string)row!["values"]!.AsArray().FirstOrDefault("NaN")!, CultureInfo.InvariantCulture);
            if (!double.IsNaN(value))
            {
                result[long.Parse((string)row["t"]!, CultureInfo.InvariantCulture)] = value;
            }
        }
        return result;
    }
}
