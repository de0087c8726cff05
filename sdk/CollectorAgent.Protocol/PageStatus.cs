namespace CollectorAgent.Protocol;

/// <summary>What one look at a sample page gave.</summary>
public enum PageStatus
{
    /// <summary>A new sample.</summary>
    Ok,

    /// <summary>The sample that was there before.</summary>
    Unchanged,

    /// <summary>The file ends before what its header promises; an empty file, too.</summary>
    Truncated,

    /// <summary>The file does not begin with the magic of a page format.</summary>
    InvalidHeader,

    /// <summary>The values do not fit their checksum: damaged, or caught while they were written.</summary>
    InvalidChecksum,

    /// <summary>The metadata does not fit its checksum.</summary>
    InvalidMetadataChecksum,

    /// <summary>More data sources than <see cref="PageReader.MaxSources"/>, or a negative number.</summary>
    TooManySources,

    /// <summary>Metadata longer than <see cref="PageReader.MaxMetadataBytes"/>, or of negative length.</summary>
    MetadataTooLong,

    /// <summary>The metadata is not what the format says; <see cref="PageReader.Detail"/> says where.</summary>
    InvalidMetadata,

    /// <summary>The time stamp is no time: NaN, infinite, or not after 1970.</summary>
    InvalidTimestamp,

    /// <summary>The time stamp is too far ahead of the clock to be true.</summary>
    FutureTimestamp,

    /// <summary>The file could not be read; <see cref="PageReader.Detail"/> says why.</summary>
    ReadFailed,

    /// <summary>The agent failed to record the sample, by a defect of its own; its log has the details.</summary>
    AgentFailed,
}
