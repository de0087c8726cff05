using System.Buffers.Binary;

namespace CollectorAgent.Protocol;

/// <summary>The disk on which a toolstack keeps the RRD of an SR, as an archive (gzip of RRD XML), on that SR itself.</summary>
/// <remarks>A write can be interrupted at any byte, and what was not synced may be on the disk in any part: the archive of before or the new
/// one is there afterwards, whole. docs/formats/stats-vdi.md says how.</remarks>
/// <param name="device">Of which the first 4 MiB are used. Nobody else writes to it meanwhile.</param>
public sealed class StatsVdi(IStatsDevice device)
{
    /// <summary>Looks what is there. Nothing is written.</summary>
    /// <exception cref="StatsVdiException">The device is too short.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public StatsVdiContent Read()
    {
        if (device.Length < StatsFrame.RegionBytes)
        {
            throw Refuse(StatsVdiRefusal.NotAVdi, $"It has {device.Length} bytes; a stats VDI has {StatsFrame.RegionBytes}");
        }
        var front = ReadFront();
        var spare = ReadSpare();
        if (spare is null || !front.HasArchive)
        {
            return spare ?? front;
        }
        // A whole archive at the start comes first even where there is a spare: it is the one of before or the new one, unless another
        // program has written since, and then it is newer than the spare.
        return front with { IsInterrupted = true, IsUnpublished = front.Archive.Span.SequenceEqual(spare.Archive.Span) };
    }

    /// <summary>Replaces the archive, and settles what an interrupted write left.</summary>
    /// <param name="archive">One whole gzip stream.</param>
    /// <param name="inPlace">Whether to write also where there is no room for a copy. A crash may then lose both archives.</param>
    /// <param name="force">Whether to write also over what is neither empty nor a whole archive.</param>
    /// <exception cref="StatsVdiException">It is not written; the device is as it was.</exception>
    /// <exception cref="IOException">The device failed. The archive of before or the new one is there, as after a crash.</exception>
    public void Write(ReadOnlyMemory<byte> archive, bool inPlace = false, bool force = false)
    {
        if (archive.Length > StatsFrame.MaxArchiveBytes)
        {
            throw Refuse(StatsVdiRefusal.TooLong, $"The archive has {archive.Length} bytes; a stats VDI takes {StatsFrame.MaxArchiveBytes}");
        }
        if (GzipCheck.Whole(archive, out _) is { } trouble)
        {
            throw Refuse(StatsVdiRefusal.NotGzip, $"The archive is not one whole gzip stream: {trouble}");
        }
        var present = Read();
        if (!present.HasArchive && present.State != StatsVdiState.Empty && !force)
        {
            throw Refuse(StatsVdiRefusal.Foreign, $"{present.Detail}: it is not written over");
        }
        bool isSafe = archive.Length <= present.SafeBytes;
        if (!isSafe && !inPlace)
        {
            throw Refuse(
                StatsVdiRefusal.NoRoom,
                $"The archive has {archive.Length} bytes and the one there {present.Archive.Length}: a copy has room for {present.SafeBytes}");
        }
        if (present.IsInterrupted)
        {
            Settle(present);
        }
        if (isSafe)
        {
            device.Write(StatsSpare.Start(archive.Length), StatsSpare.Encode(archive.Span));
            device.Sync();
        }
        Publish(archive.Span);
    }

    private static StatsVdiException Refuse(StatsVdiRefusal refusal, FormattableString message) =>
        new(refusal, FormattableString.Invariant(message));

    private StatsVdiContent ReadFront()
    {
        byte[] start = Bytes(0, StatsFrame.BlockBytes);
        if (!start.AsSpan().ContainsAnyExcept((byte)0))
        {
            return new StatsVdiContent(StatsVdiState.Empty, "There are no RRDs");
        }
        if (StatsFrame.TryDecode(start, out uint version, out uint length))
        {
            return ReadFrame(version, length);
        }
        return start.AsSpan().StartsWith(StatsFrame.GzipMagic)
            ? ReadBare()
            : new StatsVdiContent(
                StatsVdiState.Foreign,
                FormattableString.Invariant($"There is something else: it begins with {BinaryPrimitives.ReadUInt32BigEndian(start):x8}"));
    }

    private StatsVdiContent ReadFrame(uint version, uint length)
    {
        if (version != StatsFrame.Version)
        {
            return new StatsVdiContent(
                StatsVdiState.UnknownVersion, FormattableString.Invariant($"There is a frame of version {version}; known is {StatsFrame.Version}"));
        }
        if (length == 0)
        {
            return new StatsVdiContent(StatsVdiState.Empty, "There are no RRDs: the frame is empty");
        }
        if (length > StatsFrame.MaxArchiveBytes)
        {
            return new StatsVdiContent(
                StatsVdiState.WrongLength,
                FormattableString.Invariant($"There is a frame that claims {length} bytes; {StatsFrame.MaxArchiveBytes} is the most"));
        }
        byte[] archive = Bytes(StatsFrame.HeaderBytes, (int)length);
        return GzipCheck.Whole(archive, out long unpackedBytes) is { } trouble
            ? new StatsVdiContent(
                StatsVdiState.Damaged, FormattableString.Invariant($"There is a frame of {length} bytes, but its archive is no whole gzip stream: {trouble}"))
            : new StatsVdiContent(StatsVdiState.Framed, "There is an archive in a frame") { Archive = archive, UnpackedBytes = unpackedBytes };
    }

    private StatsVdiContent ReadBare()
    {
        byte[] region = Bytes(0, StatsFrame.RegionBytes);
        return GzipCheck.AtStart(region, out int length, out long unpackedBytes) is { } trouble
            ? new StatsVdiContent(StatsVdiState.Damaged, $"There is a gzip stream without a frame, and it is not whole: {trouble}")
            : new StatsVdiContent(StatsVdiState.Bare, "There is an archive without a frame")
            {
                Archive = region.AsMemory(0, length),
                UnpackedBytes = unpackedBytes,
            };
    }

    /// <returns>Null if there is none that counts.</returns>
    private StatsVdiContent? ReadSpare()
    {
        byte[] footer = Bytes(StatsSpare.FooterStart, StatsSpare.FooterBytes);
        if (!StatsSpare.TryDecodeFooter(footer, out int length))
        {
            return null;
        }
        byte[] archive = Bytes(StatsSpare.Start(length), length);
        return StatsSpare.IsOf(footer, archive) && GzipCheck.Whole(archive, out long unpackedBytes) is null
            ? new StatsVdiContent(StatsVdiState.Framed, "There is an archive, in the copy that an interrupted write left")
            {
                Archive = archive,
                UnpackedBytes = unpackedBytes,
                IsInterrupted = true,
                IsSpare = true,
                IsUnpublished = true,
            }
            : null;
    }

    /// <summary>Ends an interrupted write, such that the archive of now needs its spare no more.</summary>
    private void Settle(StatsVdiContent present)
    {
        if (present.IsUnpublished)
        {
            Publish(present.Archive.Span);
        }
        else
        {
            ClearFooter();
        }
    }

    private void Publish(ReadOnlySpan<byte> archive)
    {
        device.Write(0, StatsFrame.Encode(archive));
        device.Sync();
        // A frame that was written in place can reach to where the footer would be.
        if (StatsFrame.HeaderBytes + archive.Length <= StatsSpare.FooterStart)
        {
            ClearFooter();
        }
    }

    private void ClearFooter()
    {
        device.Write(StatsSpare.FooterStart, new byte[StatsSpare.FooterBytes]);
        device.Sync();
    }

    private byte[] Bytes(int offset, int count)
    {
        byte[] bytes = new byte[count];
        device.Read(offset, bytes);
        return bytes;
    }
}
