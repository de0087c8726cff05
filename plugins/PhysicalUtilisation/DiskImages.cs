using System.IO.Enumeration;
using CollectorAgent.Native;

namespace CollectorAgent.PhysicalUtilisationPlugin;

/// <summary>The disks in a folder and their virtual sizes. What is inside a file is read when its time or length changes.</summary>
internal sealed class DiskImages(string folder)
{
    /// <summary>Most files that are gone through; in a folder of more, too much would be asked of its server every time.</summary>
    public const int MaxFiles = 10_000;

    private static readonly EnumerationOptions Everything = new() { AttributesToSkip = FileAttributes.None, IgnoreInaccessible = false };

    private Dictionary<string, Image> _known = [];

    /// <summary>Sum of the virtual sizes.</summary>
    /// <param name="stop">Ends it early; the next time goes on where this one has ended.</param>
    /// <param name="trouble">Why there is no sum; null where there is one.</param>
    /// <exception cref="IOException">The folder cannot be read.</exception>
    public long? Sum(CancellationToken stop, out string? trouble)
    {
        var present = new Dictionary<string, Image>();
        Int128 sum = 0;
        int files = 0;
        trouble = null;
        foreach (var (name, length, written) in Files())
        {
            if (++files > MaxFiles || stop.IsCancellationRequested)
            {
                trouble ??= files > MaxFiles ? $"more than {MaxFiles} files" : "there was no time to look at all files";
                break;
            }
            if (!_known.TryGetValue(name, out var image) || image.Length != length || image.Written != written)
            {
                image = new Image(length, written, Read(name, length));
            }
            present.Add(name, image);
            if (image.VirtualSize is { } size)
            {
                sum += size;
            }
            else
            {
                trouble ??= $"{name} does not say how large its disk is";
            }
        }
        if (files > present.Count)
        {
            // Not all were seen: those that were not are no less known than before.
            foreach (var (name, image) in _known)
            {
                present.TryAdd(name, image);
            }
        }
        _known = present;
        return trouble is null && sum <= long.MaxValue ? (long)sum : null;
    }

    private FileSystemEnumerable<(string Name, long Length, DateTimeOffset Written)> Files() =>
        new(folder, (ref FileSystemEntry entry) => (entry.FileName.ToString(), entry.Length, entry.LastWriteTimeUtc), Everything)
        {
            ShouldIncludePredicate = (ref FileSystemEntry entry) =>
                !entry.IsDirectory && DiskImage.IsOne(entry.FileName) && (entry.Attributes & FileAttributes.ReparsePoint) == 0,
        };

    private long? Read(string name, long length)
    {
        try
        {
            return DiskImage.VirtualSize(Path.Combine(folder, name), length);
        }
        catch (PosixException e) when (e.Errno == PosixException.NoSuchFile)
        {
            return 0;   // deleted meanwhile
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private sealed record Image(long Length, DateTimeOffset Written, long? VirtualSize);
}
