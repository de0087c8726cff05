using System.Text;

namespace CollectorAgent.Peers;

/// <summary>Reads a file that has to be short.</summary>
internal static class SmallFile
{
    /// <exception cref="IOException">It cannot be read, or is longer.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static string ReadText(string path, int maxBytes)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        // One more than it may have: nothing else tells of one that grows meanwhile, or of a device.
        byte[] bytes = new byte[maxBytes + 1];
        int length = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        return length <= maxBytes ? Encoding.UTF8.GetString(bytes, 0, length) : throw new IOException($"{path} is longer than {maxBytes} bytes");
    }
}
