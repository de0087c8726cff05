using CollectorAgent.Protocol;
using CollectorAgent.Sdk;

namespace CollectorAgent.HostPlugin;

/// <summary>Traffic of the physical interfaces, from <c>net/dev</c>; <c>class/net</c> tells which they are.</summary>
internal sealed class NetworkInterfaces(string procRoot, string sysRoot)
{
    /// <summary>An interface can change after it has appeared: a minute later at most, that is seen.</summary>
    private const int SamplesPerClassification = 12;

    private readonly KernelFile _file = new(Path.Combine(procRoot, "net/dev"));
    private readonly string _classRoot = Path.Combine(sysRoot, "class/net");
    private readonly DeviceTable<NetworkInterface> _interfaces = new(name => new NetworkInterface(name));
    private readonly ReportedSource _received = Total("pif_aggr_rx", "Bytes received on all physical interfaces.");
    private readonly ReportedSource _sent = Total("pif_aggr_tx", "Bytes sent on all physical interfaces.");

    // Growth since this process began, so that an interface that comes or goes takes its traffic so far neither along nor away.
    private ulong _receivedBytes;
    private ulong _sentBytes;
    private int _samplesUntilClassification;

    public void Report(SampleBatch batch)
    {
        bool isComplete = ReadInterfaces();
        if (_interfaces.IsChanged || _samplesUntilClassification == 0)
        {
            Classify();
            _samplesUntilClassification = SamplesPerClassification;
        }
        _samplesUntilClassification--;

        bool hasDevices = false;
        for (int i = 0; i < _interfaces.Count; i++)
        {
            hasDevices |= _interfaces[i].Kind == NetworkInterfaceKind.Device;
        }
        for (int i = 0; i < _interfaces.Count; i++)
        {
            Report(batch, _interfaces[i], hasDevices);
        }
        batch.Report(_received, unchecked((long)_receivedBytes));
        batch.Report(_sent, unchecked((long)_sentBytes));
        if (!isComplete)
        {
            throw new MalformedFileException(_file.Path, "not every line has a name and counters");
        }
    }

    private void Report(SampleBatch batch, NetworkInterface pif, bool hasDevices)
    {
        // Where there is hardware, an interface without is inside of the host; where there is none, it leads to the outside.
        bool isPhysical = pif.Kind is NetworkInterfaceKind.Device or NetworkInterfaceKind.Bond
            || (pif.Kind == NetworkInterfaceKind.Deviceless && !hasDevices);
        if (!isPhysical)
        {
            return;
        }
        if (pif.Kind != NetworkInterfaceKind.Bond)
        {
            _receivedBytes += pif.ReceivedGrowth;
            _sentBytes += pif.SentGrowth;
        }
        // Beyond 2^63 a counter goes on as a negative number: differences stay right, also where it wraps.
        batch.Report(pif.Received, unchecked((long)pif.Counters.ReceivedBytes));
        batch.Report(pif.Sent, unchecked((long)pif.Counters.SentBytes));
        batch.Report(pif.ReceiveErrors, unchecked((long)pif.Counters.ReceiveErrors));
        batch.Report(pif.SendErrors, unchecked((long)pif.Counters.SendErrors));
    }

    /// <summary>Counts every interface; false where a line is damaged.</summary>
    private bool ReadInterfaces()
    {
        var lines = new LineReader(_file.Read());
        bool isComplete = lines.TryNext(out _) && lines.TryNext(out _);     // two lines of headings
        _interfaces.Begin();
        while (lines.TryNext(out var line))
        {
            // The name ends at the last colon: names of old kernels could have colons themselves.
            int colon = line.Rest.LastIndexOf((byte)':');
            if (colon >= 0 && InterfaceCounters.TryRead(new FieldReader(line.Rest[(colon + 1)..]), out var counters))
            {
                _interfaces.Next(line.Rest[..colon].Trim((byte)' ')).Count(counters);
            }
            else
            {
                isComplete = false;
            }
        }
        _interfaces.End();
        return isComplete && !lines.IsCutOff;
    }

    private void Classify()
    {
        for (int i = 0; i < _interfaces.Count; i++)
        {
            _interfaces[i].Classify(_classRoot);
        }
    }

    private static ReportedSource Total(string name, string description) => new(name)
    {
        Type = ReportedType.Derive,
        IsInteger = true,
        Units = "B/s",
        Min = 0,
        IsDefault = true,
        Description = description,
    };
}
