using CollectorAgent.Protocol;

namespace CollectorAgent.XenPlugin;

/// <summary>The data sources of one disk of a VM.</summary>
/// <remarks>All but the running totals need a sample before, and doubles say that they are unknown without their data sources coming and
/// going: hence doubles for numbers of requests and latencies, too.</remarks>
internal sealed class VbdSources
{
    private readonly string _name;
    private readonly string _incarnation;

    public VbdSources(Vm vm, string name)
    {
        _name = name;
        _incarnation = vm.Incarnation;
        Owner = vm.Owner;
        Read = Source("read", ReportedType.Derive, "B/s", "Bytes read from") with { IsInteger = true };
        Write = Source("write", ReportedType.Derive, "B/s", "Bytes written to") with { IsInteger = true };
        ReadThroughput = Source("io_throughput_read", ReportedType.Absolute, "MiB/s", "Data read from");
        WriteThroughput = Source("io_throughput_write", ReportedType.Absolute, "MiB/s", "Data written to");
        TotalThroughput = Source("io_throughput_total", ReportedType.Absolute, "MiB/s", "Data read from and written to");
        ReadsPerSecond = Source("iops_read", ReportedType.Absolute, "requests/s", "Reads from");
        WritesPerSecond = Source("iops_write", ReportedType.Absolute, "requests/s", "Writes to");
        RequestsPerSecond = Source("iops_total", ReportedType.Absolute, "requests/s", "Reads from and writes to");
        ReadLatency = Source("read_latency", ReportedType.Gauge, "μs", "Mean time of a read from");
        WriteLatency = Source("write_latency", ReportedType.Gauge, "μs", "Mean time of a write to");
        Latency = Source("latency", ReportedType.Gauge, "μs", "Mean time of a read from or write to");
        Wait = Source("iowait", ReportedType.Absolute, "s/s", "Time that completed requests took together, of");
        InFlight = Source("inflight", ReportedType.Gauge, "requests", "Requests that are not complete yet, of") with { IsInteger = true };
        QueueSize = Source("avgqu_sz", ReportedType.Gauge, "requests", "Mean number of requests in flight to");
    }

    public Owner Owner { get; }

    public ReportedSource Read { get; }

    public ReportedSource Write { get; }

    public ReportedSource ReadThroughput { get; }

    public ReportedSource WriteThroughput { get; }

    public ReportedSource TotalThroughput { get; }

    public ReportedSource ReadsPerSecond { get; }

    public ReportedSource WritesPerSecond { get; }

    public ReportedSource RequestsPerSecond { get; }

    public ReportedSource ReadLatency { get; }

    public ReportedSource WriteLatency { get; }

    public ReportedSource Latency { get; }

    public ReportedSource Wait { get; }

    public ReportedSource InFlight { get; }

    public ReportedSource QueueSize { get; }

    private ReportedSource Source(string metric, ReportedType type, string units, string description) => new($"vbd_{_name}_{metric}")
    {
        Owner = Owner,
        Incarnation = _incarnation,
        Type = type,
        Units = units,
        Min = 0,
        IsDefault = true,
        Description = $"{description} disk {_name} of the VM.",
    };
}
