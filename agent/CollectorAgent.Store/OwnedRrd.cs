using CollectorAgent.Rrd;

namespace CollectorAgent.Store;

/// <summary>The RRD of one owner, and the lock under which it is touched.</summary>
/// <remarks>The tick holds the lock while it updates; a reader only while it copies, never while it writes a document.</remarks>
public sealed class OwnedRrd(RrdOwner owner, RoundRobinDatabase rrd)
{
    public RrdOwner Owner => owner;

    /// <summary>To be touched only under <see cref="Gate"/>.</summary>
    public RoundRobinDatabase Rrd => rrd;

    public Lock Gate { get; } = new();

    /// <summary>Copies something out of the RRD.</summary>
    public T Copy<T>(Func<RoundRobinDatabase, T> copy)
    {
        lock (Gate)
        {
            return copy(rrd);
        }
    }
}
