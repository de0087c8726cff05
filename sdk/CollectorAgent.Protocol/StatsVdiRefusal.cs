namespace CollectorAgent.Protocol;

/// <summary>Why a stats VDI is not read or written.</summary>
public enum StatsVdiRefusal
{
    /// <summary>The device or file is shorter than a stats VDI, or neither a block device nor a regular file.</summary>
    NotAVdi,

    /// <summary>The archive is longer than a stats VDI takes.</summary>
    TooLong,

    /// <summary>The archive is not one whole gzip stream.</summary>
    NotGzip,

    /// <summary>There is no room for a copy: the archive can be written in place only, and a crash may lose both.</summary>
    NoRoom,

    /// <summary>What lies there is neither empty nor a whole archive, and may be somebody's.</summary>
    Foreign,
}
