namespace CollectorAgent.Protocol;

/// <summary>What one look at a stats VDI gave.</summary>
/// <param name="State">What is there.</param>
/// <param name="Detail">The same for people: a sentence without its full stop.</param>
public sealed record StatsVdiContent(StatsVdiState State, string Detail)
{
    /// <summary>The archive as it was written, one whole gzip stream; empty if there is none.</summary>
    public ReadOnlyMemory<byte> Archive { get; init; }

    /// <summary>What the archive unpacks to.</summary>
    public long UnpackedBytes { get; init; }

    /// <summary>Whether a write was interrupted. The archive is whole all the same; the next write settles it.</summary>
    public bool IsInterrupted { get; init; }

    /// <summary>Whether the archive is the copy of an interrupted write: a plain reader does not find it.</summary>
    public bool IsSpare { get; init; }

    /// <summary>Whether there is an archive.</summary>
    public bool HasArchive => State is StatsVdiState.Framed or StatsVdiState.Bare;

    /// <summary>Whether the frame of an interrupted write has yet to be written, or to be written again: its sync may have failed.</summary>
    internal bool IsUnpublished { get; init; }

    /// <summary>The longest archive that can be written such that a crash leaves either this one or that one.</summary>
    public int SafeBytes => Math.Max(0, StatsSpare.MaxArchiveBytesBeside(Archive.Length));
}
