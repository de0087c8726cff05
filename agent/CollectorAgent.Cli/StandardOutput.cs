using Microsoft.Win32.SafeHandles;

namespace CollectorAgent.Cli;

/// <summary>Standard output that says when its reader is gone.</summary>
/// <remarks>The console's own stream hides a broken pipe, so that a view that goes on would never end. It is used for files
/// only: it shares the position in the file with the processes that write to the same one.</remarks>
internal sealed class StandardOutput(Stream stream) : Stream
{
    private const int Descriptor = 1;

    // errno
    private const int BrokenPipe = 32;

    public static StandardOutput Open()
    {
        var direct = new FileStream(new SafeFileHandle(Descriptor, ownsHandle: false), FileAccess.Write, bufferSize: 0);
        return new StandardOutput(direct.CanSeek ? Console.OpenStandardOutput() : direct);
    }

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <exception cref="OutputClosedException">The reader is gone.</exception>
    /// <exception cref="CliException">The output cannot be written.</exception>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        try
        {
            stream.Write(buffer);
        }
        catch (IOException e)
        {
            throw e.HResult == BrokenPipe
                ? new OutputClosedException(e)
                : new CliException(ExitCode.OutputFailed, $"The output cannot be written: {e.Message}", e);
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Write(buffer.Span);
        return ValueTask.CompletedTask;
    }

    public override void Flush()
    {
        // Nothing is held back.
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
