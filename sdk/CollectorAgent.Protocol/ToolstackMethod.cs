namespace CollectorAgent.Protocol;

/// <summary>Names of the methods by which a toolstack tells and asks, and of their parameters; the same in XML-RPC and in MessagePack-RPC.
/// See docs/formats/toolstack-rpc.md.</summary>
public static class ToolstackMethod
{
    /// <summary>Whether anything is recorded of a VM.</summary>
    public const string HasVmRrd = "has_vm_rrd";

    /// <summary>A VM has started here.</summary>
    public const string PushRrdLocal = "push_rrd_local";

    /// <summary>A VM has started on another host.</summary>
    public const string PushRrdRemote = "push_rrd_remote";

    /// <summary>Removes an archive.</summary>
    public const string RemoveRrd = "remove_rrd";

    /// <summary>A VM has moved to another host.</summary>
    public const string MigrateRrd = "migrate_rrd";

    /// <summary>Archives the host at the host that keeps archives.</summary>
    public const string SendHostRrdToMaster = "send_host_rrd_to_master";

    /// <summary>Archives everything.</summary>
    public const string BackupRrds = "backup_rrds";

    /// <summary>Archives everything here.</summary>
    public const string SaveRrds = "save_rrds";

    /// <summary>A VM was shut down or suspended.</summary>
    public const string ArchiveRrd = "archive_rrd";

    /// <summary>Archives an SR; answers the path of its archive.</summary>
    public const string ArchiveSrRrd = "archive_sr_rrd";

    /// <summary>An SR is plugged.</summary>
    public const string PushSrRrd = "push_sr_rrd";

    /// <summary>Where the archive of an SR is. An addition of this agent.</summary>
    public const string SrRrdsPath = "sr_rrds_path";

    /// <summary>Records a data source of the host.</summary>
    public const string AddHostDs = "add_host_ds";

    /// <summary>Forgets a data source of the host.</summary>
    public const string ForgetHostDs = "forget_host_ds";

    /// <summary>Forgets all data sources whose names match a pattern. An addition of this agent.</summary>
    public const string ForgetMatchingDss = "forget_matching_dss";

    /// <summary>The newest value of a data source of the host.</summary>
    public const string QueryHostDs = "query_host_ds";

    /// <summary>The data sources of the host.</summary>
    public const string QueryPossibleHostDss = "query_possible_host_dss";

    /// <summary>Records a data source of a VM.</summary>
    public const string AddVmDs = "add_vm_ds";

    /// <summary>Forgets a data source of a VM.</summary>
    public const string ForgetVmDs = "forget_vm_ds";

    /// <summary>The newest value of a data source of a VM.</summary>
    public const string QueryVmDs = "query_vm_ds";

    /// <summary>The data sources of a VM.</summary>
    public const string QueryPossibleVmDss = "query_possible_vm_dss";

    /// <summary>Records a data source of an SR.</summary>
    public const string AddSrDs = "add_sr_ds";

    /// <summary>Forgets a data source of an SR.</summary>
    public const string ForgetSrDs = "forget_sr_ds";

    /// <summary>The newest value of a data source of an SR.</summary>
    public const string QuerySrDs = "query_sr_ds";

    /// <summary>The data sources of an SR.</summary>
    public const string QueryPossibleSrDss = "query_possible_sr_dss";

    /// <summary>Whether new RRDs keep minima and maxima.</summary>
    public const string UpdateUseMinMax = "update_use_min_max";

    /// <summary>Which SR caches disks of VMs.</summary>
    public const string SetCacheSr = "set_cache_sr";

    /// <summary>No SR caches disks of VMs.</summary>
    public const string UnsetCacheSr = "unset_cache_sr";

    /// <summary>What high availability has measured.</summary>
    public const string HaEnableAndUpdate = "HA.enable_and_update";

    /// <summary>High availability is off.</summary>
    public const string HaDisable = "HA.disable";

    /// <summary>The host goes on with its archive.</summary>
    public const string LoadRrd = "Deprecated.load_rrd";

    /// <summary>Of toolstacks before 2025; it is taken and does nothing, as a plugin reports the target.</summary>
    public const string UpdateVmMemoryTarget = "update_vm_memory_target";

    /// <summary>Parameter: uuid of a VM.</summary>
    public const string VmUuid = "vm_uuid";

    /// <summary>Parameter: uuid of an SR.</summary>
    public const string SrUuid = "sr_uuid";

    /// <summary>Parameter: uuid of a VM, an SR or a host.</summary>
    public const string Uuid = "uuid";

    /// <summary>Parameter: uuid of the host that a VM has moved to; nothing is made of it.</summary>
    public const string HostUuid = "host_uuid";

    /// <summary>Parameter: id of the domain; nothing is made of it.</summary>
    public const string Domid = "domid";

    /// <summary>Parameter: name of a data source.</summary>
    public const string DsName = "ds_name";

    /// <summary>Parameter: whose data sources, as <see cref="Protocol.Owner.TryParse"/> reads it; absent for everybody's.</summary>
    public const string Owner = "owner";

    /// <summary>Parameter: a name in which <c>*</c> stands for any text and <c>?</c> for any character.</summary>
    public const string Pattern = "pattern";

    /// <summary>Parameter: nothing is done, but what would be is told.</summary>
    public const string DryRun = "dry_run";

    /// <summary>Member: how many data sources match.</summary>
    public const string Count = "count";

    /// <summary>Member: how many of them a plugin reports now.</summary>
    public const string Reported = "reported";

    /// <summary>Member: the first of them, <c>owner: name</c>.</summary>
    public const string First = "first";

    /// <summary>Parameter: another host, <c>ADDRESS</c> or <c>ADDRESS:PORT</c>.</summary>
    public const string RemoteAddress = "remote_address";

    /// <summary>Parameter: the host that keeps archives, likewise.</summary>
    public const string MasterAddress = "master_address";

    /// <summary>Parameter: a session of the toolstack on the other host.</summary>
    public const string SessionId = "session_id";

    /// <summary>Parameter: path of an archive.</summary>
    public const string Path = "path";

    /// <summary>Parameter: the SR is unplugged, and no longer recorded. An addition of this agent.</summary>
    public const string Stop = "stop";

    /// <summary>Parameter: a truth value.</summary>
    public const string Value = "value";

    /// <summary>Parameter: what is known of each state file.</summary>
    public const string StatefileLatencies = "statefile_latencies";

    /// <summary>Member: uuid of a state file's volume.</summary>
    public const string Id = "id";

    /// <summary>Member: seconds; absent where unknown.</summary>
    public const string Latency = "latency";

    /// <summary>Parameter: seconds.</summary>
    public const string HeartbeatLatency = "heartbeat_latency";

    /// <summary>Parameter: seconds.</summary>
    public const string XapiLatency = "xapi_latency";
}
