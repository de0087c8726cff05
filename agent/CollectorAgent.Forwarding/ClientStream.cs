using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;

namespace CollectorAgent.Forwarding;

/// <summary>A client's connection as a server reads and writes it: first what the front has read, then what comes.</summary>
/// <param name="client">Whoever made the stream disposes of it.</param>
/// <param name="first">Read before anything from the client.</param>
/// <param name="length">How much can be read in all; null: as long as something comes.</param>
/// <param name="gone">Called when something could not be sent, in time. The stream does not throw then: servers expect a writer that never
/// fails.</param>
internal sealed class ClientStream(Socket client, ReadOnlyMemory<byte> first, long? length, TimeProvider time, Action gone) : Stream
{
    /// <summary>For each portion. The server's own limit is a rate, and gives a client that reads nothing of a document of 1 MiB an hour.</summary>
    internal static readonly TimeSpan SendDeadline = TimeSpan.FromSeconds(30);

    private const int PortionBytes = 64 << 10;

    // Of what is left unsent when a server ends a connection; it has waited for everything else.
    private const int LastWriteMs = 1000;

    private long _left = length ?? long.MaxValue;
    private bool _isGone;

    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <exception cref="IOException">The connection is broken, or ends too early.</exception>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var wanted = Wanted(buffer);
        int count = TakeFirst(wanted.Span);
        if (count > 0 || wanted.IsEmpty)
        {
            return count;
        }
        try
        {
            return Took(await client.ReceiveAsync(wanted, cancellationToken));
        }
        catch (Exception e) when (IsEnd(e))
        {
            throw new ConnectionResetException(e.Message, e);
        }
    }

    /// <inheritdoc cref="ReadAsync(Memory{byte}, CancellationToken)"/>
    public override int Read(byte[] buffer, int offset, int count)
    {
        var wanted = Wanted(buffer.AsMemory(offset, count)).Span;
        int taken = TakeFirst(wanted);
        if (taken > 0 || wanted.IsEmpty)
        {
            return taken;
        }
        try
        {
            return Took(client.Receive(wanted));
        }
        catch (Exception e) when (IsEnd(e))
        {
            throw new ConnectionResetException(e.Message, e);
        }
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            while (!_isGone && !buffer.IsEmpty)
            {
                using var deadline = new CancellationTokenSource(SendDeadline, time);
                using var end = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
                buffer = buffer[await client.SendAsync(buffer[..Math.Min(buffer.Length, PortionBytes)], end.Token)..];
            }
        }
        catch (Exception e) when (IsEnd(e) || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            _isGone = true;
            gone();
        }
    }

    public override void Write(byte[] buffer, int offset, int count)
    {
        try
        {
            client.SendTimeout = LastWriteMs;
            for (var rest = buffer.AsSpan(offset, count); !_isGone && !rest.IsEmpty;)
            {
                rest = rest[client.Send(rest)..];
            }
        }
        catch (Exception e) when (IsEnd(e))
        {
            _isGone = true;
            gone();
        }
    }

    public override void Flush()
    {
        // Nothing is held back.
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    private static bool IsEnd(Exception e) => e is SocketException or ObjectDisposedException;

    private Memory<byte> Wanted(Memory<byte> buffer) => buffer[..(int)Math.Min(buffer.Length, _left)];

    private int TakeFirst(Span<byte> wanted)
    {
        int count = Math.Min(first.Length, wanted.Length);
        first.Span[..count].CopyTo(wanted);
        first = first[count..];
        _left -= count;
        return count;
    }

    private int Took(int count)
    {
        if (count == 0 && length is not null)
        {
            throw new ConnectionResetException($"The client ends {_left} bytes before what it said it sends.");
        }
        _left -= count;
        return count;
    }
}
