using System.Globalization;

namespace CollectorAgent.XenPlugin;

/// <summary>A device of the control domain that is the other end of a VM's interface.</summary>
/// <param name="Kind">An interface can have two: one for the VM's own driver, one emulated.</param>
internal readonly record struct NetDeviceKey(NetDeviceKind Kind, uint Domain, uint Number)
{
    private const string EmulatedEnd = "-emu";

    public static bool TryParse(ReadOnlySpan<char> name, out NetDeviceKey key)
    {
        bool isEmulated = name.EndsWith(EmulatedEnd);
        if (DeviceName.TryParse(isEmulated ? name[..^EmulatedEnd.Length] : name, "vif", '.', out uint domain, out uint number))
        {
            key = new NetDeviceKey(isEmulated ? NetDeviceKind.Emulated : NetDeviceKind.Vif, domain, number);
            return true;
        }
        bool isTap = DeviceName.TryParse(name, "tap", '.', out domain, out number);
        key = new NetDeviceKey(NetDeviceKind.Tap, domain, number);
        return isTap;
    }

    public override string ToString() => Kind switch
    {
        NetDeviceKind.Tap => string.Create(CultureInfo.InvariantCulture, $"tap{Domain}.{Number}"),
        NetDeviceKind.Emulated => string.Create(CultureInfo.InvariantCulture, $"vif{Domain}.{Number}{EmulatedEnd}"),
        _ => string.Create(CultureInfo.InvariantCulture, $"vif{Domain}.{Number}"),
    };
}
