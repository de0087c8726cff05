using Microsoft.Win32.SafeHandles;

namespace CollectorAgent.Sdk;

/// <summary>A file that the kernel writes anew for whoever reads it from its start, read again and again.</summary>
/// <remarks>It stays open, and its buffer grows to what the file needs: a read allocates nothing then.</remarks>
/// <param name="path">Of procfs or sysfs; it need not be there yet.</param>
public sealed class KernelFile(string path)
{
    private const int FirstBufferBytes = 4096;

    private const int MaxBytes = 4 << 20;

    private SafeFileHandle? _file;
    private byte[] _buffer = new byte[FirstBufferBytes];

    /// <summary>Where it is.</summary>
    public string Path => path;

    /// <summary>Reads the whole file.</summary>
    /// <returns>Valid until the next read.</returns>
    /// <exception cref="IOException">It cannot be read, or is longer than 4 MiB. The next read opens it anew.</exception>
    /// <exception cref="UnauthorizedAccessException">This process may not read it.</exception>
    public ReadOnlySpan<byte> Read()
    {
        _file ??= File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        try
        {
            // Tables come a few kilobytes at a time, cut between lines; only a read of nothing is the end.
            int length = 0;
            int read;
            while ((read = RandomAccess.Read(_file, _buffer.AsSpan(length), length)) > 0)
            {
                length += read;
                if (length == _buffer.Length)
                {
                    Grow();
                }
            }
            return _buffer.AsSpan(0, length);
        }
        catch
        {
            _file.Dispose();
            _file = null;
            throw;
        }
    }

    private void Grow()
    {
        if (_buffer.Length >= MaxBytes)
        {
            throw new IOException($"{path} is longer than {MaxBytes} bytes");
        }
        Array.Resize(ref _buffer, 2 * _buffer.Length);
    }
}
