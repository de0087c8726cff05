using Microsoft.Win32.SafeHandles;

namespace CollectorAgent.Native;

/// <summary>Reads files that somebody else has put there, and never waits for one: a FIFO, a device or a socket is refused
/// unopened.</summary>
public static class SmallFile
{
    /// <summary>Reads a regular file, of a longer one the beginning.</summary>
    /// <param name="most">So many bytes at most.</param>
    /// <exception cref="IOException">It is no regular file, or cannot be read.</exception>
    public static byte[] Read(string path, int most)
    {
        RequireRegular(PosixFile.Status(path));
        using var file = PosixFile.OpenForReading(path);
        // The name may lead to another file by now.
        return Read(file, most);
    }

    /// <summary>Reads a regular file to which the path may lead by a link, as an administrator may have set one.</summary>
    /// <inheritdoc cref="Read(string, int)"/>
    public static byte[] ReadLinked(string path, int most)
    {
        using var file = PosixFile.OpenLinked(path);
        return Read(file, most);
    }

    private static byte[] Read(SafeFileHandle file, int most)
    {
        RequireRegular(PosixFile.Status(file));
        byte[] buffer = new byte[most];
        int length = 0;
        while (length < buffer.Length && RandomAccess.Read(file, buffer.AsSpan(length), length) is > 0 and var count)
        {
            length += count;
        }
        return buffer[..length];
    }

    private static void RequireRegular(FileStatus status)
    {
        if (status.Kind != FileKind.RegularFile)
        {
            throw new IOException(status.Kind switch
            {
                FileKind.Folder => "it is a folder; put a file there",
                FileKind.SymbolicLink => "it is a link; put the file itself there",
                _ => "it is a FIFO, a socket or a device; put a file there",
            });
        }
    }
}
