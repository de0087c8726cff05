using System.Buffers;
using CollectorAgent.Hooks;
using CollectorAgent.Protocol;

namespace CollectorAgent.Rpc;

/// <summary>Tells those who ask how much of each SR is used, whenever that changes: nobody has to look for it.</summary>
/// <remarks>Looks soon after each reading. A connection that does not take its notice yet is told later, of all that has changed by then.
/// Safe for concurrent use.</remarks>
/// <param name="srs">What is known of SRs now.</param>
/// <param name="untilNextReading">Time until the pages are read next.</param>
public sealed class SrNotices(Func<IReadOnlyList<SrUse>> srs, Func<TimeSpan> untilNextReading, TimeProvider time)
{
    // SRs in one notice: it stays within a message.
    private const int MostInNotice = 300;

    // A reading takes less than this.
    private static readonly TimeSpan AfterReading = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();

    // What each connection has been told.
    private readonly Dictionary<MessagePackSession, Dictionary<string, SrUse>> _told = [];

    internal void Add(MessagePackSession session)
    {
        lock (_gate)
        {
            _told.TryAdd(session, []);
        }
    }

    internal void Remove(MessagePackSession session)
    {
        lock (_gate)
        {
            _told.Remove(session);
        }
    }

    /// <summary>Looks after each reading until the token says stop.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        try
        {
            while (true)
            {
                await Task.Delay(untilNextReading() + AfterReading, time, stop);
                Look();
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The agent ends.
        }
    }

    /// <summary>Tells what has changed since each was told last.</summary>
    public void Look()
    {
        lock (_gate)
        {
            var now = _told.Count > 0 ? srs() : [];
            foreach (var (session, told) in _told)
            {
                var gone = told.Keys.Except(now.Select(s => s.Uuid)).Select(uuid => new SrUse(uuid, double.NaN, double.NaN, double.NaN));
                var changed = now.Where(s => !told.TryGetValue(s.Uuid, out var known) || !known.Equals(s)).Concat(gone).Take(MostInNotice).ToList();
                if (changed.Count > 0 && session.TrySend(Notice(changed)))
                {
                    changed.ForEach(s => told[s.Uuid] = s);
                    foreach (string uuid in told.Keys.Except(now.Select(s => s.Uuid)).ToList())
                    {
                        told.Remove(uuid);
                    }
                }
            }
        }
    }

    private static byte[] Notice(List<SrUse> changed)
    {
        var notice = new ArrayBufferWriter<byte>();
        var writer = new MessagePackWriter(notice);
        SocketRpc.BeginNotice(writer, SocketRpc.SrsChanged);
        SocketRpc.BeginArguments(writer, 1);
        writer.Write(SocketRpc.Srs);
        writer.WriteArrayHeader(changed.Count);
        foreach (var sr in changed)
        {
            writer.WriteMapHeader(4);
            writer.Write(ToolstackMethod.SrUuid);
            writer.Write(sr.Uuid);
            Bytes("size", sr.Size);
            Bytes("physical_utilisation", sr.PhysicalUtilisation);
            Bytes("virtual_allocation", sr.VirtualAllocation);
        }
        return notice.WrittenSpan.ToArray();

        void Bytes(string name, double value)
        {
            writer.Write(name);
            if (double.IsNaN(value))
            {
                writer.WriteNil();
            }
            else
            {
                writer.Write((long)value);
            }
        }
    }
}
