using CollectorAgent.Native;
using CollectorAgent.Protocol;
using Microsoft.Win32.SafeHandles;

namespace CollectorAgent.Sdk;

/// <summary>The file in which a plugin publishes its samples.</summary>
/// <remarks>It appears with valid content under its name, grows as needed, and is removed when disposed of.</remarks>
public sealed class SamplePage : IDisposable
{
    private const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly string _path;
    private readonly SampleBatch _batch = new();
    private SafeFileHandle? _file;
    private byte[] _metadata = [];
    private uint _metadataChecksum;
    private byte[] _page = [];

    /// <summary>A page that appears with its first sample.</summary>
    /// <param name="path">Where the agent looks for it: <see cref="AgentPaths.Page"/>.</param>
    public SamplePage(string path) => _path = path;

    /// <summary>Publishes one sample.</summary>
    /// <param name="timestamp">When it is taken, in Unix seconds.</param>
    /// <param name="collect">Reports the values.</param>
    /// <exception cref="IOException">The page cannot be written.</exception>
    public void Publish(double timestamp, Action<SampleBatch> collect)
    {
        _batch.Begin();
        collect(_batch);
        Publish(timestamp);
    }

    /// <summary>Publishes one sample that takes its time; its time is when it is there.</summary>
    /// <param name="collect">Reports the values.</param>
    /// <exception cref="IOException">The page cannot be written.</exception>
    public async ValueTask PublishAsync(Func<SampleBatch, CancellationToken, ValueTask> collect, TimeProvider time, CancellationToken cancellationToken)
    {
        _batch.Begin();
        await collect(_batch, cancellationToken);
        Publish((time.GetUtcNow() - DateTimeOffset.UnixEpoch).TotalSeconds);
    }

    /// <summary>Removes the page.</summary>
    public void Dispose()
    {
        if (_file is not null)
        {
            bool isOurs = IsOurs(_file);
            _file.Dispose();
            _file = null;
            if (isOurs)
            {
                File.Delete(_path);
            }
        }
    }

    private void Publish(double timestamp)
    {
        if (_batch.End() || _metadata.Length == 0)
        {
            _metadata = PageWriter.Metadata(_batch.Sources);
            _metadataChecksum = Crc32.Compute(_metadata);
        }
        int length = PageWriter.PageLength(_batch.Values.Length, _metadata.Length);
        if (_page.Length < length)
        {
            _page = new byte[length];
        }
        PageWriter.Write(_page, timestamp, _batch.Values, _metadata, _metadataChecksum);
        Write(_page.AsSpan(0, length));
    }

    /// <summary>Whether the file that is open here is the one under the page's name: another process of the plugin may have come meanwhile.</summary>
    private bool IsOurs(SafeFileHandle file)
    {
        try
        {
            var (here, named) = (PosixFile.Status(file), PosixFile.Status(_path));
            return here.Inode == named.Inode && here.Device == named.Device;
        }
        catch (PosixException)
        {
            return false;
        }
    }

    private void Write(ReadOnlySpan<byte> page)
    {
        if (_file is not null && IsOurs(_file))
        {
            RandomAccess.Write(_file, page, 0);
            return;
        }
        _file?.Dispose();
        Directory.CreateDirectory(Path.GetDirectoryName(_path)!);
        // The agent reads a page as soon as it sees its name; this name it does not look at.
        string unfinished = _path + ".tmp";
        File.Delete(unfinished);
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            Share = FileShare.ReadWrite | FileShare.Delete,
            UnixCreateMode = Mode,
        };
        using (var stream = new FileStream(unfinished, options))
        {
            stream.Write(page);
        }
        File.Move(unfinished, _path, overwrite: true);
        _file = File.OpenHandle(_path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
    }
}
