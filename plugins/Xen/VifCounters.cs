namespace CollectorAgent.XenPlugin;

/// <summary>What a VM has received and sent.</summary>
internal readonly record struct VifCounters(ulong ReceivedBytes, ulong ReceiveErrors, ulong SentBytes, ulong SendErrors)
{
    public static VifCounters operator +(VifCounters one, VifCounters other) => unchecked(new(
        one.ReceivedBytes + other.ReceivedBytes, one.ReceiveErrors + other.ReceiveErrors,
        one.SentBytes + other.SentBytes, one.SendErrors + other.SendErrors));
}
