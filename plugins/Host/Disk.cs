using CollectorAgent.Protocol;
using CollectorAgent.Sdk;

namespace CollectorAgent.HostPlugin;

/// <summary>One block device, its counters at the last sample and what they say.</summary>
/// <remarks>
/// All but the running totals need a sample before, and doubles say that they are unknown without their data sources coming
/// and going: hence doubles for numbers of requests and latencies, too.
/// </remarks>
internal sealed class Disk
{
    private const double BytesPerMib = 1 << 20;
    private const double MicrosecondsPerMs = 1000;
    private const double MsPerSecond = 1000;

    // What the kernel says until a medium has been read: drivers/scsi/sr.c and drivers/block/floppy.c.
    private const long SectorsOfUnreadCd = 0x1fffff;
    private const long SectorsOfUnreadFloppy = 8;

    // TYPE_ROM of include/scsi/scsi_proto.h.
    private const long ScsiTypeOfCd = 5;

    private readonly string _name;
    private readonly ReportedSource _read;
    private readonly ReportedSource _write;
    private readonly ReportedSource _readLatency;
    private readonly ReportedSource _writeLatency;
    private readonly ReportedSource _readThroughput;
    private readonly ReportedSource _writeThroughput;
    private readonly ReportedSource _totalThroughput;
    private readonly ReportedSource _readsPerSecond;
    private readonly ReportedSource _writesPerSecond;
    private readonly ReportedSource _requestsPerSecond;
    private readonly ReportedSource _wait;
    private readonly ReportedSource _inFlight;
    private readonly ReportedSource _latency;
    private readonly ReportedSource _queueSize;

    // At the sample before the last one, where that was one of the same device, and at the last one.
    private DiskCounters? _before;
    private DiskCounters? _now;

    public Disk(string name)
    {
        _name = name;
        string shown = SourceName.Of(name);
        _read = Source("read", ReportedType.Derive, "B/s", $"Bytes read from disk {shown}.") with { IsInteger = true };
        _write = Source("write", ReportedType.Derive, "B/s", $"Bytes written to disk {shown}.") with { IsInteger = true };
        _readLatency = Source("read_latency", ReportedType.Gauge, "μs", $"Mean time that a read from disk {shown} took.");
        _writeLatency = Source("write_latency", ReportedType.Gauge, "μs", $"Mean time that a write to disk {shown} took.");
        _readThroughput = Source("io_throughput_read", ReportedType.Absolute, "MiB/s", $"Data read from disk {shown}.");
        _writeThroughput = Source("io_throughput_write", ReportedType.Absolute, "MiB/s", $"Data written to disk {shown}.");
        _totalThroughput = Source("io_throughput_total", ReportedType.Absolute, "MiB/s", $"Data read from and written to disk {shown}.");
        _readsPerSecond = Source("iops_read", ReportedType.Absolute, "requests/s", $"Reads that disk {shown} completed.");
        _writesPerSecond = Source("iops_write", ReportedType.Absolute, "requests/s", $"Writes that disk {shown} completed.");
        _requestsPerSecond = Source("iops_total", ReportedType.Absolute, "requests/s", $"Reads and writes that disk {shown} completed.");
        _wait = Source("iowait", ReportedType.Absolute, "s/s", $"Time that completed reads and writes of disk {shown} took together.");
        _inFlight = Source("inflight", ReportedType.Gauge, "requests", $"Requests that disk {shown} has not completed yet.")
            with
        { IsInteger = true };
        _latency = Source("latency", ReportedType.Gauge, "μs", $"Mean time that a read or write of disk {shown} took.");
        _queueSize = Source("avgqu_sz", ReportedType.Gauge, "requests", $"Mean number of requests in flight to disk {shown}.");

        ReportedSource Source(string metric, ReportedType type, string units, string description) => new($"disk_{shown}_{metric}")
        {
            Type = type,
            Units = units,
            Min = 0,
            IsDefault = true,
            Description = description,
        };
    }

    /// <summary>Whether this is a whole disk of the host with a medium in it.</summary>
    public bool IsWholeDisk { get; private set; }

    /// <summary>Looks into sysfs what this block device is.</summary>
    /// <param name="blockRoot">The folder <c>block</c>, which has whole disks only; it has exclamation marks for slashes.</param>
    public void Classify(string blockRoot)
    {
        string folder = Path.Combine(blockRoot, _name.Replace('/', '!'));
        IsWholeDisk = (Path.Exists(Path.Combine(folder, "device")) || Path.Exists(Path.Combine(folder, "md")))
            && SysAttribute.ReadNumber(Path.Combine(folder, "size")) is > 0 and var sectors
            && !(sectors == SectorsOfUnreadCd && IsCd(folder)) && !(sectors == SectorsOfUnreadFloppy && IsFloppy);
    }

    private bool IsFloppy => _name.StartsWith("fd", StringComparison.Ordinal) && _name.Length > 2 && char.IsAsciiDigit(_name[2]);

    private bool IsCd(string folder) =>
        _name.StartsWith("sr", StringComparison.Ordinal) || SysAttribute.ReadNumber(Path.Combine(folder, "device", "type")) == ScsiTypeOfCd;

    public void Count(DiskCounters counters)
    {
        _before = _now is { } last && !IsNewDevice(last, counters) ? last : null;
        _now = counters;
    }

    /// <summary>Reports the last sample.</summary>
    /// <param name="elapsedSeconds">Since the sample before it; NaN where there is none.</param>
    public void Report(SampleBatch batch, double elapsedSeconds)
    {
        if (_now is not { } now)
        {
            return;
        }
        double reads = double.NaN, writes = double.NaN, mibRead = double.NaN, mibWritten = double.NaN;
        double readMs = double.NaN, writeMs = double.NaN, queueMs = double.NaN;
        if (_before is { } before)
        {
            reads = now.Reads - before.Reads;
            writes = now.Writes - before.Writes;
            mibRead = (now.SectorsRead - before.SectorsRead) * DiskCounters.SectorBytes / BytesPerMib;
            mibWritten = (now.SectorsWritten - before.SectorsWritten) * DiskCounters.SectorBytes / BytesPerMib;
            // These wrap after seven weeks of waiting.
            readMs = unchecked(now.ReadMs - before.ReadMs);
            writeMs = unchecked(now.WriteMs - before.WriteMs);
            queueMs = unchecked(now.QueueMs - before.QueueMs);
        }
        // Counters beyond 2^63 go on as negative numbers: differences stay right, also where they wrap.
        batch.Report(_read, unchecked((long)(now.SectorsRead * DiskCounters.SectorBytes)));
        batch.Report(_write, unchecked((long)(now.SectorsWritten * DiskCounters.SectorBytes)));
        batch.Report(_readLatency, Latency(readMs, reads));
        batch.Report(_writeLatency, Latency(writeMs, writes));
        batch.Report(_readThroughput, mibRead);
        batch.Report(_writeThroughput, mibWritten);
        batch.Report(_totalThroughput, mibRead + mibWritten);
        batch.Report(_readsPerSecond, reads);
        batch.Report(_writesPerSecond, writes);
        batch.Report(_requestsPerSecond, reads + writes);
        batch.Report(_wait, (readMs + writeMs) / MsPerSecond);
        batch.Report(_inFlight, now.InFlight);
        batch.Report(_latency, Latency(readMs + writeMs, reads + writes));
        batch.Report(_queueSize, elapsedSeconds > 0 ? queueMs / (elapsedSeconds * MsPerSecond) : double.NaN);
    }

    /// <summary>Where nothing was requested, there was no latency: unknown, not zero.</summary>
    private static double Latency(double ms, double requests) => requests > 0 ? ms / requests * MicrosecondsPerMs : double.NaN;

    /// <summary>Whether another device has taken the name: counters of one never go back.</summary>
    private static bool IsNewDevice(DiskCounters before, DiskCounters now) =>
        now.Reads < before.Reads || now.Writes < before.Writes
        || now.SectorsRead < before.SectorsRead || now.SectorsWritten < before.SectorsWritten;
}
