using System.Globalization;
using CollectorAgent.Sdk;

namespace CollectorAgent.XenPlugin;

/// <summary>A disk of a VM, its counters at the last sample and what they say.</summary>
internal sealed class Vbd(VbdKey key)
{
    private const double BytesPerMib = 1 << 20;
    private const double UsPerSecond = 1e6;

    /// <summary>Longest name of a device that is believed.</summary>
    private const int MaxNameLength = 64;

    // At the sample before the last one, where that was one of the same device, and at the last one.
    private VbdCounters? _before;
    private VbdCounters _now;
    private bool _hasCounters;
    private string? _name;
    private VbdSources? _sources;

    public uint Domain => key.Domain;

    public bool IsCounted { get; private set; }

    public void Begin() => IsCounted = false;

    public void Count(VbdCounters counters)
    {
        _before = _hasCounters && !IsNewDevice(_now, counters) ? _now : null;
        _now = counters;
        _hasCounters = true;
        IsCounted = true;
    }

    /// <summary>The name under which the VM has it, from xenstore.</summary>
    /// <returns>Null where xenstore does not know it yet.</returns>
    /// <exception cref="IOException">xenstore does not answer.</exception>
    public string? Name(IXenstore xenstore) => _name ??= ReadName(xenstore, "vbd") ?? ReadName(xenstore, "vbd3");

    /// <summary>Reports the last sample.</summary>
    /// <param name="elapsedSeconds">Since the sample before it; NaN where there is none.</param>
    public void Report(SampleBatch batch, Vm vm, string name, double elapsedSeconds)
    {
        if (_sources is null || _sources.Owner != vm.Owner)
        {
            _sources = new VbdSources(vm, name);
        }
        ReportRequests(batch, _sources);
        if (_now.Tapdisk is { } tapdisk)
        {
            ReportTimes(batch, _sources, tapdisk, elapsedSeconds);
        }
    }

    private void ReportRequests(SampleBatch batch, VbdSources sources)
    {
        double reads = double.NaN, writes = double.NaN, mibRead = double.NaN, mibWritten = double.NaN;
        if (_before is { } before)
        {
            reads = _now.Reads - before.Reads;
            writes = _now.Writes - before.Writes;
            mibRead = (_now.SectorsRead - before.SectorsRead) * VbdCounters.SectorBytes / BytesPerMib;
            mibWritten = (_now.SectorsWritten - before.SectorsWritten) * VbdCounters.SectorBytes / BytesPerMib;
        }
        batch.Report(sources.Read, unchecked((long)(_now.SectorsRead * VbdCounters.SectorBytes)));
        batch.Report(sources.Write, unchecked((long)(_now.SectorsWritten * VbdCounters.SectorBytes)));
        batch.Report(sources.ReadThroughput, mibRead);
        batch.Report(sources.WriteThroughput, mibWritten);
        batch.Report(sources.TotalThroughput, mibRead + mibWritten);
        batch.Report(sources.ReadsPerSecond, reads);
        batch.Report(sources.WritesPerSecond, writes);
        batch.Report(sources.RequestsPerSecond, reads + writes);
    }

    private void ReportTimes(SampleBatch batch, VbdSources sources, TapdiskCounters tapdisk, double elapsedSeconds)
    {
        double reads = double.NaN, writes = double.NaN, readUs = double.NaN, writeUs = double.NaN;
        if (_before is { Tapdisk: { } tapdiskBefore } before)
        {
            reads = _now.Reads - before.Reads;
            writes = _now.Writes - before.Writes;
            readUs = tapdisk.ReadUs - (double)tapdiskBefore.ReadUs;
            writeUs = tapdisk.WriteUs - (double)tapdiskBefore.WriteUs;
        }
        batch.Report(sources.ReadLatency, Latency(readUs, reads));
        batch.Report(sources.WriteLatency, Latency(writeUs, writes));
        batch.Report(sources.Latency, Latency(readUs + writeUs, reads + writes));
        batch.Report(sources.Wait, (readUs + writeUs) / UsPerSecond);
        batch.Report(sources.InFlight, tapdisk.InFlight);
        batch.Report(sources.QueueSize, elapsedSeconds > 0 ? (readUs + writeUs) / (elapsedSeconds * UsPerSecond) : double.NaN);
    }

    /// <summary>Where nothing was requested, there was no latency: unknown, not zero.</summary>
    private static double Latency(double us, double requests) => requests > 0 ? us / requests : double.NaN;

    /// <summary>Whether the disk was unplugged and another one is in its place: counters of one never go back.</summary>
    private static bool IsNewDevice(VbdCounters before, VbdCounters now) =>
        now.Reads < before.Reads || now.Writes < before.Writes
        || now.SectorsRead < before.SectorsRead || now.SectorsWritten < before.SectorsWritten
        || (now.Tapdisk is { } times && before.Tapdisk is { } timesBefore
            && (times.ReadUs < timesBefore.ReadUs || times.WriteUs < timesBefore.WriteUs));

    private string? ReadName(IXenstore xenstore, string kind)
    {
        string? name = xenstore.Read(
            string.Create(CultureInfo.InvariantCulture, $"/local/domain/0/backend/{kind}/{key.Domain}/{key.Device}/dev"));
        return name is { Length: > 0 and <= MaxNameLength } ? SourceName.Of(name) : null;
    }
}
