using CollectorAgent.Protocol;

namespace CollectorAgent.Rpc.Tests;

/// <summary>The forty calls that the field's toolstack has as its examples, in both directions, and what this agent answers where nothing is
/// recorded. Numbers travel as untyped text there.</summary>
internal static class ToolstackExamples
{
    private static readonly XmlRpcValue Nil = XmlRpcValue.Nothing;

    /// <summary>Method, parameters, what the field answers with success, and the error variant of this agent; empty where it succeeds.</summary>
    public static IReadOnlyList<(string Method, XmlRpcValue[] Parameters, XmlRpcValue Answer, string Variant)> All { get; } =
    [
        ("Deprecated.load_rrd", [Named(("uuid", "abcde"), ("timescale", "1"), ("master_address", "127.0.0.1"))], Nil, "Archive_failed"),
        ("HA.disable", [Nil], Nil, ""),
        ("HA.enable_and_update",
        [
            Named(
                ("statefile_latencies", new XmlRpcValue.List([Named(("id", "statefile_latency"), ("latency", 1.0))])),
                ("heartbeat_latency", 1.0),
                ("xapi_latency", 1.0)),
        ], Nil, ""),
        ("Plugin.Interdomain.deregister", [Named(("uid", Named(("name", "uid"), ("frontend_domid", "1"))))], Nil, "Invalid_protocol"),
        ("Plugin.Interdomain.next_reading", [Named(("uid", Named(("name", "uid"), ("frontend_domid", "1"))))], 0.0, "Invalid_protocol"),
        ("Plugin.Interdomain.register",
        [
            Named(
                ("uid", Named(("name", "uid"), ("frontend_domid", "1"))),
                ("info", Named(("frequency", "Five_Seconds"), ("shared_page_refs", new XmlRpcValue.List(["1"])))),
                ("protocol", "V1")),
        ], 0.0, "Invalid_protocol"),
        ("Plugin.Local.deregister", [Named(("uid", "uid"))], Nil, ""),
        ("Plugin.Local.next_reading", [Named(("uid", "uid"))], 0.0, ""),
        ("Plugin.Local.register", [Named(("uid", "uid"), ("info", "Five_Seconds"), ("protocol", "V1"))], 0.0, "Rrdd_internal_error"),
        ("Plugin.deregister", [Named(("uid", "uid"))], Nil, ""),
        ("Plugin.get_header", [Nil], "", ""),
        ("Plugin.get_path", [Named(("uid", "uid"))], "", ""),
        ("Plugin.next_reading", [Named(("uid", "uid"))], 0.0, ""),
        ("Plugin.register", [Named(("uid", "uid"), ("frequency", "Five_Seconds"))], 0.0, "Rrdd_internal_error"),
        ("add_host_ds", [Named(("ds_name", "ds"))], Nil, "Datasource_missing"),
        ("add_sr_ds", [Named(("sr_uuid", "abcde"), ("ds_name", "ds"))], Nil, "Datasource_missing"),
        ("add_vm_ds", [Named(("vm_uuid", "abcde"), ("domid", "1"), ("ds_name", "ds"))], Nil, "Datasource_missing"),
        ("archive_rrd", [Named(("vm_uuid", "abcde"), ("remote_address", "127.0.0.1"))], Nil, ""),
        ("archive_sr_rrd", [Named(("sr_uuid", "abcde"))], "", "Archive_failed"),
        ("backup_rrds", [Named(("remote_address", "127.0.0.1")), Nil], Nil, ""),
        ("forget_host_ds", [Named(("ds_name", "ds"))], Nil, ""),
        ("forget_sr_ds", [Named(("sr_uuid", "abcde"), ("ds_name", "ds"))], Nil, ""),
        ("forget_vm_ds", [Named(("vm_uuid", "abcde"), ("ds_name", "ds"))], Nil, ""),
        ("has_vm_rrd", [Named(("vm_uuid", "abcde"))], new XmlRpcValue.Boolean(true), ""),
        ("migrate_rrd",
            [Named(("session_id", "session"), ("remote_address", "127.0.0.1"), ("vm_uuid", "abcde"), ("host_uuid", "12345"))], Nil, ""),
        ("push_rrd_local", [Named(("vm_uuid", "abcde"), ("domid", "1"))], Nil, ""),
        ("push_rrd_remote", [Named(("vm_uuid", "abcde"), ("remote_address", "127.0.0.1"))], Nil, ""),
        ("push_sr_rrd", [Named(("sr_uuid", "abcde"), ("path", "/foo"))], Nil, "Archive_failed"),
        ("query_host_ds", [Named(("ds_name", "ds"))], 0.0, "Datasource_missing"),
        ("query_possible_host_dss", [Nil], new XmlRpcValue.List([]), ""),
        ("query_possible_sr_dss", [Named(("sr_uuid", "abcde"))], new XmlRpcValue.List([]), ""),
        ("query_possible_vm_dss", [Named(("vm_uuid", "abcde"))], new XmlRpcValue.List([]), ""),
        ("query_sr_ds", [Named(("sr_uuid", "abcde"), ("ds_name", "ds"))], 0.0, "Datasource_missing"),
        ("query_vm_ds", [Named(("vm_uuid", "abcde"), ("ds_name", "ds"))], 0.0, "Datasource_missing"),
        ("remove_rrd", [Named(("uuid", "abcde"))], Nil, ""),
        ("send_host_rrd_to_master", [Named(("master_address", "127.0.0.2"))], Nil, ""),
        ("set_cache_sr", [Named(("sr_uuid", "abcde"))], Nil, ""),
        ("unset_cache_sr", [Nil], Nil, ""),
        ("update_use_min_max", [Named(("value", new XmlRpcValue.Boolean(true)))], Nil, ""),
        ("update_vm_memory_target", [Named(("domid", "1"), ("target", "1"))], Nil, ""),
    ];

    private static XmlRpcValue.Struct Named(params (string Name, XmlRpcValue Value)[] members) =>
        new([.. members.Select(m => KeyValuePair.Create(m.Name, m.Value))]);
}
