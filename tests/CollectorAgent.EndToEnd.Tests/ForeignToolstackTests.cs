using System.Diagnostics;
using System.Text.Json.Nodes;
using CollectorAgent.TestKit;

namespace CollectorAgent.EndToEnd.Tests;

/// <summary>Every method of a toolstack, called by the XML-RPC of another language on one connection.</summary>
public sealed class ForeignToolstackTests
{
    private const string Nothing = "null";

    private static readonly (string Call, string Answer)[] Calls =
    [
        ("push_rrd_local vm_uuid=abcde domid=1", Nothing),
        ("has_vm_rrd vm_uuid=abcde", "true"),
        ("add_vm_ds vm_uuid=abcde domid=1 ds_name=ds", "Datasource_missing"),
        ("forget_vm_ds vm_uuid=abcde ds_name=ds", Nothing),
        ("query_vm_ds vm_uuid=abcde ds_name=ds", "Datasource_missing"),
        ("query_possible_vm_dss vm_uuid=abcde", "[]"),
        ("archive_rrd vm_uuid=abcde", Nothing),
        ("has_vm_rrd vm_uuid=abcde", "false"),
        ("push_rrd_remote vm_uuid=abcde remote_address=127.0.0.1:1", Nothing),
        ("migrate_rrd vm_uuid=abcde remote_address=127.0.0.1:1 session_id=s host_uuid=h", Nothing),
        ("remove_rrd uuid=abcde", Nothing),
        ("add_host_ds ds_name=ds", "Datasource_missing"),
        ("forget_host_ds ds_name=ds", Nothing),
        ("query_host_ds ds_name=ds", "Datasource_missing"),
        ("query_possible_host_dss", "["),
        ("forget_matching_dss pattern=nothing*", "count"),
        ("add_sr_ds sr_uuid=abcde ds_name=ds", "Datasource_missing"),
        ("forget_sr_ds sr_uuid=abcde ds_name=ds", Nothing),
        ("query_sr_ds sr_uuid=abcde ds_name=ds", "Datasource_missing"),
        ("query_possible_sr_dss sr_uuid=abcde", "[]"),
        ("archive_sr_rrd sr_uuid=abcde", "Archive_failed"),
        ("push_sr_rrd sr_uuid=abcde path=/nowhere", "Archive_failed"),
        ("sr_rrds_path uid=abcde", "/var/lib/xcp/blobs/rrds/abcde.gz\""),
        ("save_rrds", Nothing),
        ("backup_rrds", Nothing),
        ("update_use_min_max value=true", Nothing),
        ("set_cache_sr sr_uuid=abcde", Nothing),
        ("unset_cache_sr", Nothing),
        ("HA.enable_and_update statefile_latencies=[{\"id\":\"x\",\"latency\":0.5}] heartbeat_latency=1 xapi_latency=2", Nothing),
        ("HA.disable", Nothing),
        ("Deprecated.load_rrd uuid=abcde timescale=1", Nothing),
        ("update_vm_memory_target domid=1 target=1", Nothing),
        ("Plugin.Interdomain.deregister uid=x", "Invalid_protocol"),
        ("Plugin.get_header", "\"DATASOURCES\\n\""),
    ];

    [Fact]
    public async Task Every_method_is_answered()
    {
        using var folder = new TemporaryFolder();
        string none = Directory.CreateDirectory(Path.Combine(folder.Path, "none")).FullName;
        using var agent = await AgentProcess.StartAsync(folder.Path, "--listen", "none", "--plugins", none);
        string[] words = [.. Calls.SelectMany(c => c.Call.Split(' ').Append("--")).SkipLast(1)];
        var start = new ProcessStartInfo("python3", [Fixtures.Path("toolstack.py"), agent.Paths.Socket, .. words]) { RedirectStandardOutput = true };
        using var process = Process.Start(start)!;

        string[] answers = (await process.StandardOutput.ReadToEndAsync().WaitAsync(AgentProcess.Deadline)).Split('\n', StringSplitOptions.RemoveEmptyEntries);

        Assert.Equal(Calls.Length, answers.Length);
        Assert.All(Calls.Zip(answers), pair =>
        {
            var answer = JsonNode.Parse(pair.Second)!.AsArray();
            string text = answer[1]?.ToJsonString() ?? Nothing;
            bool isError = char.IsAsciiLetterUpper(pair.First.Answer[0]);
            Assert.True(
                (string)answer[0]! == (isError ? "Failure" : "Success") && text.Contains(pair.First.Answer, StringComparison.Ordinal),
                $"{pair.First.Call}: {pair.Second}");
        });
    }
}
