namespace CollectorAgent.Protocol;

/// <summary>What a stats VDI holds.</summary>
public enum StatsVdiState
{
    /// <summary>No RRDs: the first 4 KiB are zero, or there is a frame of length 0.</summary>
    Empty,

    /// <summary>An archive in a frame.</summary>
    Framed,

    /// <summary>An archive without a frame: gzip from the first byte on.</summary>
    Bare,

    /// <summary>A frame of a version that this one does not know.</summary>
    UnknownVersion,

    /// <summary>A frame that says it is longer than a stats VDI.</summary>
    WrongLength,

    /// <summary>A frame, or a gzip stream without one, whose archive is cut short or damaged.</summary>
    Damaged,

    /// <summary>Something else.</summary>
    Foreign,
}
