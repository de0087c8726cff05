using CollectorAgent.Protocol;

namespace CollectorAgent.Sdk;

/// <summary>Reads and writes the stats VDI of an SR, on a block device or in a file. <see cref="StatsVdi"/> says what a crash leaves.</summary>
public static class StatsVdiFile
{
    /// <summary>Looks what is there. Nothing is written.</summary>
    /// <param name="path">Of the device or file; also a symbolic link.</param>
    /// <exception cref="StatsVdiException">It is neither, or too short.</exception>
    /// <exception cref="IOException">It cannot be read, or a file is just written.</exception>
    public static StatsVdiContent Read(string path)
    {
        using var device = StatsDevice.Open(path, isForWriting: false);
        return new StatsVdi(device).Read();
    }

    /// <summary>Replaces the archive. A device that is mounted, or claimed by somebody else, is not written to.</summary>
    /// <param name="path">Of the device or file; also a symbolic link.</param>
    /// <param name="archive">One whole gzip stream.</param>
    /// <param name="inPlace">Whether to write also where there is no room for a copy. A crash may then lose both archives.</param>
    /// <param name="force">Whether to write also over what is neither empty nor a whole archive.</param>
    /// <exception cref="StatsVdiException">It is not written; everything is as it was.</exception>
    /// <exception cref="IOException">It cannot be opened, or it failed; the archive of before or the new one is there.</exception>
    public static void Write(string path, ReadOnlyMemory<byte> archive, bool inPlace = false, bool force = false)
    {
        using var device = StatsDevice.Open(path, isForWriting: true);
        new StatsVdi(device).Write(archive, inPlace, force);
    }
}
