namespace CollectorAgent.Cli;

/// <summary>The body of an answer: bounded, and with a deadline for every piece of it.</summary>
internal sealed class AnswerStream(HttpResponseMessage response, Stream body, string what, long maxBytes, TimeProvider time) : Stream
{
    private long _read;

    /// <summary>When the agent answered, by its own clock; null where it does not say.</summary>
    public DateTimeOffset? Date => response.Headers.Date;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <exception cref="CliException">The answer breaks off, stands still, or is longer than anything sensible.</exception>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        using var deadline = new CancellationTokenSource(AgentConnection.Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        int count;
        try
        {
            count = await body.ReadAsync(buffer, either.Token);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw AgentConnection.Stalled(what, e);
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            throw new CliException(ExitCode.BadAnswer, $"{what} broke off: {e.Message} Is the agent still running?", e);
        }
        _read += count;
        return _read <= maxBytes
            ? count
            : throw new CliException(ExitCode.BadAnswer, $"{what} is longer than {maxBytes >> 20} MiB, more than is read here. Ask for less of it.");
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush() => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        response.Dispose();
        base.Dispose(disposing);
    }
}
