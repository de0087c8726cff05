using CollectorAgent.Protocol;
using CollectorAgent.Sdk;

namespace CollectorAgent.HostPlugin;

/// <summary>One network interface and its counters at the last sample.</summary>
internal sealed class NetworkInterface
{
    private const long TypeLoopback = 772;      // ARPHRD_LOOPBACK
    private const long FlagNoArp = 0x80;        // IFF_NOARP

    private readonly string _name;
    private bool _isCounted;

    public NetworkInterface(string name)
    {
        _name = name;
        string shown = SourceName.Of(name);
        Received = Bytes($"pif_{shown}_rx", $"Bytes received on physical interface {shown}.");
        Sent = Bytes($"pif_{shown}_tx", $"Bytes sent on physical interface {shown}.");
        ReceiveErrors = Errors($"pif_{shown}_rx_errors", $"Receive errors on physical interface {shown}.");
        SendErrors = Errors($"pif_{shown}_tx_errors", $"Transmit errors on physical interface {shown}.");
    }

    public ReportedSource Received { get; }

    public ReportedSource Sent { get; }

    public ReportedSource ReceiveErrors { get; }

    public ReportedSource SendErrors { get; }

    public NetworkInterfaceKind Kind { get; private set; }

    public InterfaceCounters Counters { get; private set; }

    /// <summary>What the counters grew by at the last sample: nothing at the first one, or where a counter starts anew.</summary>
    public ulong ReceivedGrowth { get; private set; }

    /// <inheritdoc cref="ReceivedGrowth"/>
    public ulong SentGrowth { get; private set; }

    public void Count(InterfaceCounters counters)
    {
        ReceivedGrowth = Growth(Counters.ReceivedBytes, counters.ReceivedBytes);
        SentGrowth = Growth(Counters.SentBytes, counters.SentBytes);
        Counters = counters;
        _isCounted = true;
    }

    /// <summary>Looks into sysfs what this interface is.</summary>
    /// <param name="classRoot">The folder <c>class/net</c>.</param>
    public void Classify(string classRoot)
    {
        try
        {
            Kind = KindOf(Path.Combine(classRoot, _name));
        }
        catch (DirectoryNotFoundException)
        {
            Kind = NetworkInterfaceKind.Other;  // gone meanwhile
        }
    }

    private static NetworkInterfaceKind KindOf(string folder)
    {
        if (SysAttribute.ReadNumber(Path.Combine(folder, "type")) is null or TypeLoopback
            || Path.Exists(Path.Combine(folder, "bridge"))
            || Path.Exists(Path.Combine(folder, "tun_flags"))
            || IsBackend(folder))
        {
            return NetworkInterfaceKind.Other;
        }
        if (Path.Exists(Path.Combine(folder, "bonding")))
        {
            return NetworkInterfaceKind.Bond;
        }
        // A VLAN, macvlan, team or port of a switch chip: its traffic passes the interface below as well.
        if (Directory.EnumerateFileSystemEntries(folder, "lower_*").Any())
        {
            return NetworkInterfaceKind.Other;
        }
        if (Path.Exists(Path.Combine(folder, "device")))
        {
            return NetworkInterfaceKind.Device;
        }
        // Pseudo devices such as dummy and ifb, and tunnels, do not resolve addresses; a port of a bridge is the host's end of a
        // guest's link.
        bool isPseudo = SysAttribute.ReadNumber(Path.Combine(folder, "flags")) is not { } flags || (flags & FlagNoArp) != 0;
        return isPseudo || Path.Exists(Path.Combine(folder, "brport"))
            ? NetworkInterfaceKind.Other
            : NetworkInterfaceKind.Deviceless;
    }

    /// <summary>Whether this is Xen's end of a guest's interface, which has a device on a bus of its own.</summary>
    private static bool IsBackend(string folder) =>
        SysAttribute.Read(Path.Combine(folder, "device", "modalias"))?.StartsWith("xen-backend:", StringComparison.Ordinal) == true;

    private ulong Growth(ulong before, ulong now) => _isCounted && now >= before ? now - before : 0;

    private static ReportedSource Bytes(string name, string description) => Source(name, "B/s", isDefault: true, description);

    private static ReportedSource Errors(string name, string description) => Source(name, "err/s", isDefault: false, description);

    private static ReportedSource Source(string name, string units, bool isDefault, string description) => new(name)
    {
        Type = ReportedType.Derive,
        IsInteger = true,
        Units = units,
        Min = 0,
        IsDefault = isDefault,
        Description = description,
    };
}
