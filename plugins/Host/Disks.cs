using CollectorAgent.Sdk;

namespace CollectorAgent.HostPlugin;

/// <summary>Requests to the whole disks of the host, from <c>diskstats</c>; <c>block</c> tells which they are.</summary>
internal sealed class Disks(string procRoot, string sysRoot, TimeProvider time)
{
    /// <summary>A medium can be put in or taken out: a minute later at most, that is seen.</summary>
    private const int SamplesPerClassification = 12;

    private readonly KernelFile _file = new(Path.Combine(procRoot, "diskstats"));
    private readonly string _blockRoot = Path.Combine(sysRoot, "block");
    private readonly DeviceTable<Disk> _disks = new(name => new Disk(name));
    private long? _lastSample;
    private int _samplesUntilClassification;

    public void Report(SampleBatch batch)
    {
        bool isComplete = ReadDisks();
        long now = time.GetTimestamp();
        double elapsedSeconds = _lastSample is { } last ? time.GetElapsedTime(last, now).TotalSeconds : double.NaN;
        _lastSample = now;
        if (_disks.IsChanged || _samplesUntilClassification == 0)
        {
            Classify();
            _samplesUntilClassification = SamplesPerClassification;
        }
        _samplesUntilClassification--;

        for (int i = 0; i < _disks.Count; i++)
        {
            if (_disks[i].IsWholeDisk)
            {
                _disks[i].Report(batch, elapsedSeconds);
            }
        }
        if (!isComplete)
        {
            throw new MalformedFileException(_file.Path, "not every line has a name and counters");
        }
    }

    /// <summary>Counts every block device; false where a line is damaged.</summary>
    private bool ReadDisks()
    {
        _disks.Begin();
        try
        {
            var lines = new LineReader(_file.Read());
            bool isComplete = true;
            while (lines.TryNext(out var line))
            {
                line.Skip(2);   // major, minor
                var name = line.Next();
                if (!name.IsEmpty && DiskCounters.TryRead(line, out var counters))
                {
                    _disks.Next(name).Count(counters);
                }
                else
                {
                    isComplete = false;
                }
            }
            return isComplete && !lines.IsCutOff;
        }
        finally
        {
            // Also where the file cannot be read: what is counted since the last sample must not span two.
            _disks.End();
        }
    }

    private void Classify()
    {
        for (int i = 0; i < _disks.Count; i++)
        {
            _disks[i].Classify(_blockRoot);
        }
    }
}
