using System.Text.Json.Nodes;

namespace CollectorAgent.EndToEnd.Tests;

/// <summary>What a toolstack tells a host that makes an RRD come or go.</summary>
/// <param name="to">The other host; null where the RRD goes to or comes from this one's archives.</param>
internal sealed class Transfer(string method, PoolHost? to)
{
    /// <summary>Makes a VM with a history that is where the transfer takes it from.</summary>
    public async Task<GivenVm> PrepareAsync(PoolHost from, AgentProcess here, int number)
    {
        var vm = await GivenVm.ArchiveAsync(from, number);
        if (method is "migrate_rrd" or "archive_rrd")
        {
            await PushAsync(here, vm);
            await vm.AssertRecordedByAsync(here);
        }
        return vm;
    }

    /// <returns>The status, and the error where there is one.</returns>
    public Task<(string Status, JsonNode? Value)> TellAsync(AgentProcess here, GivenVm vm) => Toolstack.CallAsync(here, method, Arguments(vm));

    /// <summary>Tells it twice; then the whole history has arrived, and nothing else is left of it.</summary>
    /// <param name="there">The agent of the other host.</param>
    public async Task TellAgainAsync(AgentProcess here, AgentProcess there, GivenVm vm)
    {
        await Toolstack.DoAsync(here, method, Arguments(vm));
        await Toolstack.DoAsync(here, method, Arguments(vm));
        var destination = to is null ? here : there;
        if (method == "archive_rrd")
        {
            await PushAsync(destination, vm);
        }
        await vm.AssertRecordedByAsync(destination);
        foreach (var agent in new[] { here, there })
        {
            Assert.Empty(Directory.Exists(agent.Paths.Archives) ? Directory.GetFiles(agent.Paths.Archives, "*unfinished*") : []);
            Assert.Empty(await FailedAsync(agent));
        }
    }

    /// <summary>The uuids of which an agent says that they did not arrive.</summary>
    public static async Task<List<string>> FailedAsync(AgentProcess agent)
    {
        var status = JsonNode.Parse(await agent.Http.GetStringAsync(new Uri("/status", UriKind.Relative)))!;
        return [.. status["failed_transfers"]!.AsArray().Select(f => (string)f!["uuid"]!)];
    }

    private static async Task PushAsync(AgentProcess agent, GivenVm vm) => await Toolstack.DoAsync(agent, "push_rrd_local", "vm_uuid=" + vm.Uuid, "domid=1");

    private string[] Arguments(GivenVm vm) =>
    [
        "vm_uuid=" + vm.Uuid,
        .. to is null ? Array.Empty<string>() : ["remote_address=" + to.Address],
        .. method switch { "push_rrd_local" => ["domid=1"], "migrate_rrd" => ["host_uuid=x"], _ => Array.Empty<string>() },
    ];
}
