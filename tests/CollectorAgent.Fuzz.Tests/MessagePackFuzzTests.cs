using CollectorAgent.Protocol;
using CollectorAgent.Rpc;
using CollectorAgent.TestKit;
using Xunit.Abstractions;

namespace CollectorAgent.Fuzz.Tests;

/// <summary>Streams of MessagePack-RPC: where messages end, and what is in them.</summary>
public sealed class MessagePackFuzzTests(ITestOutputHelper output)
{
    [Fact]
    public void Stream_is_messages_wherever_it_is_cut_or_refused() =>
        new Fuzzing("messagepack", Seeds(), output) { MaxBytes = SocketRpc.MaxMessageBytes + 100 }.Run(bytes =>
        {
            var ends = Ends(bytes, bytes.Length + 1);
            var pieces = Ends(bytes, 1 + bytes.Length % 7);
            Assert.Equal(ends, pieces);
            int start = 0;
            foreach (int end in ends)
            {
                // A connection ends with the first one that is none.
                if (!IsRead(bytes.AsSpan(start..end)))
                {
                    return false;
                }
                start = end;
            }
            return ends.Count > 0;
        });

    private static IEnumerable<byte[]> Seeds()
    {
        object?[][] messages =
        [
            [0, 1, "hello", new object?[] { new KeyValuePair<object?, object?>[] { new("protocol", 1), new("client", "a") } }],
            [0, 2, "register", new object?[] { new KeyValuePair<object?, object?>[] { new("uid", "p"), new("negative_shift_seconds", 0.5) } }],
            [0, 3, "query", new object?[] { new KeyValuePair<object?, object?>[] { new("a", new object?[] { null, true, -1, long.MaxValue, 1.5f }) } }],
            [0, (long)uint.MaxValue, "x", Array.Empty<object?>()],
            [2, "sample", new object?[] { new KeyValuePair<object?, object?>[] { new("step_end", 1_700_000_000) } }],
            [1, 7, null, new object?[] { "y", new byte[300], ((sbyte)5, new byte[16]), new string('z', 700) }],
        ];
        byte[][] written = [.. messages.Select(m => MessagePackBytes.Written(w => w.Write(m)))];
        return [.. written, written.SelectMany(m => m).ToArray()];
    }

    /// <summary>Where the messages end, in a stream that comes in pieces; up to where it is none.</summary>
    private static List<int> Ends(byte[] bytes, int pieceBytes)
    {
        var ends = new List<int>();
        var framer = new MessagePackFramer();
        try
        {
            for (int at = 0; at < bytes.Length;)
            {
                if (framer.TryFindEnd(bytes.AsSpan(at, Math.Min(pieceBytes, bytes.Length - at)), out int taken))
                {
                    ends.Add(at + taken);
                }
                at += taken;
            }
        }
        catch (MessagePackFormatException)
        {
            // What came before counts.
        }
        return ends;
    }

    private static bool IsRead(ReadOnlySpan<byte> message)
    {
        try
        {
            var whole = new MessagePackReader(message);
            whole.Skip();
            Assert.True(whole.End);
            var read = RpcMessage.Read(message);
            if (read.Kind == RpcMessageKind.Request)
            {
                var call = MessagePackValues.Call(read.Method, read.Parameters);
                MessagePackBytes.Written(w => MessagePackValues.Write(w, call.Parameters[0]));
            }
            return true;
        }
        catch (MessagePackFormatException)
        {
            return false;
        }
    }
}
