using CollectorAgent.Sdk;

namespace CollectorAgent.HostPlugin;

/// <summary>Counters of a line of <c>net/dev</c>.</summary>
internal readonly record struct InterfaceCounters(ulong ReceivedBytes, ulong ReceiveErrors, ulong SentBytes, ulong SendErrors)
{
    /// <summary>Reads what follows the colon after the name.</summary>
    public static bool TryRead(FieldReader fields, out InterfaceCounters counters)
    {
        counters = default;
        if (!fields.TryNext(out ulong receivedBytes))
        {
            return false;
        }
        fields.Skip(1);     // packets
        if (!fields.TryNext(out ulong receiveErrors))
        {
            return false;
        }
        fields.Skip(5);     // drop, fifo, frame, compressed, multicast
        if (!fields.TryNext(out ulong sentBytes))
        {
            return false;
        }
        fields.Skip(1);     // packets
        if (!fields.TryNext(out ulong sendErrors))
        {
            return false;
        }
        counters = new InterfaceCounters(receivedBytes, receiveErrors, sentBytes, sendErrors);
        return true;
    }
}
