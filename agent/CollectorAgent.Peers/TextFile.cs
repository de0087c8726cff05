using System.Text;
using CollectorAgent.Native;

namespace CollectorAgent.Peers;

/// <summary>Reads the short text files that an administrator names. It never waits for a FIFO and never reads a device.</summary>
internal static class TextFile
{
    /// <exception cref="IOException">The file is missing, is no regular file, cannot be read, or is longer; the message names the path and
    /// the reason, without a full stop.</exception>
    public static string Read(string path, int maxBytes)
    {
        byte[] bytes;
        try
        {
            // One byte more than allowed shows that the file is too long.
            bytes = SmallFile.ReadLinked(path, maxBytes + 1);
        }
        catch (PosixException e)
        {
            throw new IOException($"{path}: {char.ToLowerInvariant(e.Reason[0])}{e.Reason[1..]}", e);
        }
        catch (IOException e)
        {
            throw new IOException($"{path}: {e.Message}", e);
        }
        return bytes.Length <= maxBytes ? Encoding.UTF8.GetString(bytes) : throw new IOException($"{path} is longer than {maxBytes} bytes");
    }
}
