using static CollectorAgent.Protocol.Tests.RpcValues;

namespace CollectorAgent.Protocol.Tests;

/// <summary>The forms of the forty calls that the toolstack ships as examples, each with its answer.</summary>
internal static class RpcExamples
{
    private static readonly XmlRpcValue Domain = S(("uid", S(("name", "uid"), ("frontend_domid", I(1)))));
    private static readonly XmlRpcValue Uid = S(("uid", "uid"));
    private static readonly XmlRpcValue Vm = S(("vm_uuid", "abcde"), ("ds_name", "ds"));
    private static readonly XmlRpcValue Sr = S(("sr_uuid", "abcde"), ("ds_name", "ds"));

    public static IReadOnlyList<(string Method, XmlRpcValue[] Parameters, XmlRpcValue Answer)> All { get; } =
    [
        ("Deprecated.load_rrd", [S(("uuid", "abcde"), ("timescale", I(1)), ("master_address", "127.0.0.1"))], Nil),
        ("HA.disable", [Nil], Nil),
        (
            "HA.enable_and_update",
            [S(("statefile_latencies", L(S(("id", "statefile_latency"), ("latency", D(1))))), ("heartbeat_latency", D(1)), ("xapi_latency", D(1)))],
            Nil),
        ("Plugin.Interdomain.deregister", [Domain], Nil),
        ("Plugin.Interdomain.next_reading", [Domain], D(0)),
        (
            "Plugin.Interdomain.register",
            [
                S(
                    ("uid", S(("name", "uid"), ("frontend_domid", I(1)))),
                    ("info", S(("frequency", "Five_Seconds"), ("shared_page_refs", L(I(1))))),
                    ("protocol", "V1")),
            ],
            D(0)),
        ("Plugin.Local.deregister", [Uid], Nil),
        ("Plugin.Local.next_reading", [Uid], D(0)),
        ("Plugin.Local.register", [S(("uid", "uid"), ("info", "Five_Seconds"), ("protocol", "V1"))], D(0)),
        ("Plugin.deregister", [Uid], Nil),
        ("Plugin.get_header", [Nil], ""),
        ("Plugin.get_path", [Uid], ""),
        ("Plugin.next_reading", [Uid], D(0)),
        ("Plugin.register", [S(("uid", "uid"), ("frequency", "Five_Seconds"))], D(0)),
        ("add_host_ds", [S(("ds_name", "ds"))], Nil),
        ("add_sr_ds", [Sr], Nil),
        ("add_vm_ds", [S(("vm_uuid", "abcde"), ("domid", I(1)), ("ds_name", "ds"))], Nil),
        ("archive_rrd", [S(("vm_uuid", "abcde"), ("remote_address", "127.0.0.1"))], Nil),
        ("archive_sr_rrd", [S(("sr_uuid", "abcde"))], ""),
        ("backup_rrds", [S(("remote_address", "127.0.0.1")), Nil], Nil),
        ("forget_host_ds", [S(("ds_name", "ds"))], Nil),
        ("forget_sr_ds", [Sr], Nil),
        ("forget_vm_ds", [Vm], Nil),
        ("has_vm_rrd", [S(("vm_uuid", "abcde"))], B(true)),
        (
            "migrate_rrd",
            [S(("session_id", "session"), ("remote_address", "127.0.0.1"), ("vm_uuid", "abcde"), ("host_uuid", "12345"))],
            Nil),
        ("push_rrd_local", [S(("vm_uuid", "abcde"), ("domid", I(1)))], Nil),
        ("push_rrd_remote", [S(("vm_uuid", "abcde"), ("remote_address", "127.0.0.1"))], Nil),
        ("push_sr_rrd", [S(("sr_uuid", "abcde"), ("path", "/foo"))], Nil),
        ("query_host_ds", [S(("ds_name", "ds"))], D(0)),
        (
            "query_possible_host_dss",
            [Nil],
            L(S(
                ("name", "name"), ("description", ""), ("enabled", B(true)), ("standard", B(true)), ("min", D(0)), ("max", D(1)), ("units", "units")))),
        ("query_possible_sr_dss", [S(("sr_uuid", "abcde"))], L()),
        ("query_possible_vm_dss", [S(("vm_uuid", "abcde"))], L()),
        ("query_sr_ds", [Sr], D(0)),
        ("query_vm_ds", [Vm], D(0)),
        ("remove_rrd", [S(("uuid", "abcde"))], Nil),
        ("send_host_rrd_to_master", [S(("master_address", "127.0.0.2"))], Nil),
        ("set_cache_sr", [S(("sr_uuid", "abcde"))], Nil),
        ("unset_cache_sr", [Nil], Nil),
        ("update_use_min_max", [S(("value", B(true)))], Nil),
        ("update_vm_memory_target", [S(("domid", I(1)), ("target", I(1)))], Nil),
    ];
}
