using System.Buffers;
using System.IO.Pipelines;

namespace CollectorAgent.Protocol;

/// <summary>Takes the messages of a stream one by one.</summary>
/// <param name="input">The stream; its owner completes it.</param>
public sealed class MessagePackStreamReader(PipeReader input)
{
    private readonly MessagePackFramer _framer = new();

    // Where the message ends that was handed out last: its bytes are given back when the next one is asked for.
    private SequencePosition? _taken;

    /// <summary>Waits for the next message.</summary>
    /// <returns>The message, which stays as it is until the next call; null where the stream has ended, within a message or after one.</returns>
    /// <exception cref="MessagePackFormatException">What comes is no message. The stream is of no use any more.</exception>
    /// <exception cref="IOException">The stream is broken.</exception>
    public async ValueTask<ReadOnlyMemory<byte>?> ReadAsync(CancellationToken cancellationToken)
    {
        if (_taken is { } end)
        {
            _taken = null;
            input.AdvanceTo(end);
        }
        while (true)
        {
            var read = await input.ReadAsync(cancellationToken);
            if (TryFind(read.Buffer) is { } message)
            {
                _taken = message.End;
                return message.IsSingleSegment ? message.First : message.ToArray();
            }
            input.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            if (read.IsCompleted)
            {
                return null;
            }
        }
    }

    private ReadOnlySequence<byte>? TryFind(ReadOnlySequence<byte> unread)
    {
        long length = _framer.Seen;
        foreach (var part in unread.Slice(length))
        {
            bool isEnd = _framer.TryFindEnd(part.Span, out int taken);
            length += taken;
            if (isEnd)
            {
                return unread.Slice(0, length);
            }
        }
        return null;
    }
}
