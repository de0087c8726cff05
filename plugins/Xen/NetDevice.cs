namespace CollectorAgent.XenPlugin;

/// <summary>The counters of a network device.</summary>
internal sealed class NetDevice(NetDeviceKey key, string classRoot)
{
    private readonly string _folder = Path.Combine(classRoot, key.ToString(), "statistics");

    public VifKey Vif { get; } = new(key.Domain, key.Number);

    /// <returns>False where the device is going.</returns>
    public bool TryRead(out VifCounters counters)
    {
        counters = default;
        if (!CounterFile.TryRead(ReceivedBytesFile, out ulong receivedBytes) || !CounterFile.TryRead(SentBytesFile, out ulong sentBytes)
            || !CounterFile.TryRead(ReceiveErrorsFile, out ulong receiveErrors) || !CounterFile.TryRead(SendErrorsFile, out ulong sendErrors))
        {
            return false;
        }
        // The control domain has the other end: what it receives, the VM has sent.
        counters = new VifCounters(ReceivedBytes: sentBytes, ReceiveErrors: sendErrors, SentBytes: receivedBytes, SendErrors: receiveErrors);
        return true;
    }

    private string ReceivedBytesFile => field ??= Path.Combine(_folder, "rx_bytes");

    private string SentBytesFile => field ??= Path.Combine(_folder, "tx_bytes");

    private string ReceiveErrorsFile => field ??= Path.Combine(_folder, "rx_errors");

    private string SendErrorsFile => field ??= Path.Combine(_folder, "tx_errors");
}
