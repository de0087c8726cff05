using System.Buffers;
using System.IO.Pipelines;
using CollectorAgent.TestKit;
using FsCheck;
using FsCheck.Fluent;
using static CollectorAgent.TestKit.MessagePackBytes;

namespace CollectorAgent.Protocol.Tests;

/// <summary>What holds for all values and all bytes.</summary>
public sealed class MessagePackPropertyTests
{
    private const int Samples = 200;

    private static readonly Gen<object?> Values = Gen.Sized(size => Value(Math.Min(size / 12, 4)));

    [Fact]
    public void Decode_after_encode_is_identity() => Hold(Values, value =>
    {
        byte[] bytes = Written(w => w.Write(value));
        var reader = new MessagePackReader(bytes);

        Assert.Equal(value.Show(), reader.ReadValue().Show());
        Assert.True(reader.End);
    });

    [Fact]
    public void Value_that_is_cut_off_is_refused_and_its_end_is_found_nowhere_else() => Hold(Values, value =>
    {
        byte[] bytes = Written(w => w.Write(value));
        // Exceptions are slow: some places are enough.
        for (int length = 0; length < bytes.Length; length += 1 + length / 4)
        {
            byte[] cut = bytes[..length];
            Assert.Throws<MessagePackFormatException>(() =>
            {
                var reader = new MessagePackReader(cut);
                reader.ReadValue();
            });
            Assert.Throws<MessagePackFormatException>(() =>
            {
                var reader = new MessagePackReader(cut);
                reader.Skip();
            });
            Assert.False(new MessagePackFramer().TryFindEnd(cut, out int taken));
            Assert.Equal(length, taken);
        }
    });

    [Fact]
    public void Stream_gives_the_same_messages_however_it_is_cut() => Hold(
        from values in Values.ArrayOf(5)
        from cuts in Gen.Choose(1, 7).ListOf(20)
        select (values, cuts),
        t =>
        {
            byte[][] messages = [.. t.values.Select(v => Written(w => w.Write(v)))];
            byte[] stream = [.. messages.SelectMany(m => m)];
            var pipe = new Pipe(new PipeOptions(readerScheduler: PipeScheduler.Inline, minimumSegmentSize: 1, pauseWriterThreshold: 0, useSynchronizationContext: false));
            var reader = new MessagePackStreamReader(pipe.Reader);
            var found = new List<byte[]>();
            var next = reader.ReadAsync(CancellationToken.None).AsTask();
            for (int place = 0, i = 0; place < stream.Length; i++)
            {
                int length = Math.Min(t.cuts[i % t.cuts.Count], stream.Length - place);
                pipe.Writer.Write(stream.AsSpan(place, length));
                place += length;
                Assert.True(pipe.Writer.FlushAsync().AsTask().IsCompletedSuccessfully);
                while (next.IsCompleted)
                {
                    found.Add(next.Result!.Value.ToArray());
                    next = reader.ReadAsync(CancellationToken.None).AsTask();
                }
            }
            pipe.Writer.Complete();

            Assert.True(next.IsCompleted);
            Assert.Null(next.Result);
            Assert.Equal(messages, found);
        });

    [Fact]
    public void Any_bytes_give_a_value_or_a_format_exception()
    {
        var random = new Random(4711);
        byte[][] originals = [.. Gen.Sample(Values, 60).Select(v => Written(w => w.Write(v))).Where(b => b.Length > 1)];
        int good = 0;
        int bad = 0;
        for (int i = 0; i < 10_000; i++)
        {
            byte[] bytes = random.Next(4) == 0 ? new byte[random.Next(40)] : Mutation.Mutate(originals[i % originals.Length], originals[0], random);
            if (bytes.All(b => b == 0))
            {
                random.NextBytes(bytes);
            }
            bool isRead = Tried(() =>
            {
                var reader = new MessagePackReader(bytes);
                reader.ReadValue();
            });
            Tried(() => NamedValues.OfParameters(new MessagePackReader(bytes)).Text("a"));
            Tried(() => RpcMessage.Read(bytes));
            bool isSkipped = Tried(() =>
            {
                var reader = new MessagePackReader(bytes);
                reader.Skip();
            });
            bool isFramed = false;
            Tried(() => isFramed = new MessagePackFramer().TryFindEnd(bytes, out _));

            // What is read has been skipped and framed, too: but for text that is no UTF-8 and for deep nesting they agree.
            Assert.True(isSkipped || !isRead, Convert.ToHexString(bytes));
            Assert.True(isSkipped || !isFramed, Convert.ToHexString(bytes));
            good += isRead ? 1 : 0;
            bad += isRead ? 0 : 1;
        }

        Assert.True(good > 1000 && bad > 1000, $"{good} good, {bad} bad");
    }

    [PythonMsgpackFact]
    public void Debian_python_msgpack_reads_what_we_write_and_writes_the_same_bytes()
    {
        const string Script = """
            import msgpack, sys
            for line in sys.stdin:
                value = msgpack.unpackb(bytes.fromhex(line), strict_map_key=False)
                print(msgpack.packb(value).hex(), flush=True)
            """;
        using var python = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo(PythonMsgpackFactAttribute.Python, ["-c", Script])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        Hold(Values, value =>
        {
            string hex = Convert.ToHexStringLower(Written(w => w.Write(value)));

            Assert.Equal(hex, python.Ask(hex));
        });
        python.End();
    }

    private static bool Tried(Action action)
    {
        try
        {
            action();
            return true;
        }
        catch (MessagePackFormatException)
        {
            return false;
        }
    }

    private static void Hold<T>(Gen<T> values, Action<T> property) =>
        Prop.ForAll(values.ToArbitrary(), property).Check(Config.QuickThrowOnFailure.WithMaxTest(Samples));

    private static Gen<object?> Value(int depth)
    {
        var bytes = Gen.Choose(0, 40).SelectMany(n => Gen.Choose(0, 255).Select(b => (byte)b).ArrayOf(n));
        var text = Gen.Choose(0, 40).SelectMany(n => Gen.Elements("abz 0\"äμ漢𝄞".EnumerateRunes().Select(r => r.ToString())).ArrayOf(n)).Select(string.Concat);
        Gen<object?>[] plain =
        [
            Gen.Constant((object?)null),
            Gen.Elements<object?>(true, false),
            Gen.Choose(0, 63).SelectMany(bits => Gen.Choose(-3, 3).Select(near => (object?)((1L << bits) + near))),
            Gen.Choose(0, 63).SelectMany(bits => Gen.Choose(-3, 3).Select(near => (object?)(-(1L << bits) + near))),
            Gen.Choose(0, 1000).Select(n => (object?)(ulong.MaxValue - (ulong)n)),
            Gen.Elements<object?>(0.0, -0.5, 1e300, double.PositiveInfinity, double.Epsilon, 0.1),
            text.Select(t => (object?)t),
            bytes.Select(b => (object?)b),
            bytes.SelectMany(b => Gen.Choose(0, 127).Select(t => (object?)((sbyte)t, b))),
        ];
        var leaf = Gen.OneOf(plain);
        if (depth == 0)
        {
            return leaf;
        }
        var items = Gen.Choose(0, 20).SelectMany(n => Value(depth - 1).ArrayOf(n));
        // Keys that differ, as others keep maps in dictionaries.
        var map = items.Select(a => (object?)a.Select((v, i) => new KeyValuePair<object?, object?>($"k{i}", v)).ToArray());
        return Gen.Frequency((6, leaf), (1, items.Select(a => (object?)a)), (1, map));
    }
}
