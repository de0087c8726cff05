using System.Text;
using CollectorAgent.TestKit;

namespace CollectorAgent.Plugins.Tests;

public sealed class LineDrainTests
{
    private readonly ManualTime _time = new(DateTimeOffset.UnixEpoch);
    private readonly List<string> _lines = [];

    [Fact]
    public async Task Lines_are_handed_on_without_what_would_command_a_terminal()
    {
        await DrainAsync("one\r\ntwo\tthree\n\u001b[31mred\u0007\nlast");

        Assert.Equal(["one", "two\tthree", "?[31mred?", "last"], _lines);
    }

    [Fact]
    public async Task Long_line_is_cut()
    {
        await DrainAsync(new string('x', 1_000_000) + "\nshort\n");

        Assert.Equal([new string('x', LineDrain.MaxLineLength) + "…", "short"], _lines);
    }

    [Fact]
    public async Task Flood_is_counted_and_let_through_again_later()
    {
        var input = new Stretches(() => _time.Advance(LineDrain.Stretch), string.Concat(Enumerable.Range(0, 1000).Select(i => $"{i}\n")), "after\n");

        await new LineDrain(_time, _lines.Add).RunAsync(new StreamReader(input));

        Assert.Equal(LineDrain.MaxLines + 2, _lines.Count);
        Assert.Equal(["49", "(950 more lines are left out)", "after"], _lines[^3..]);
    }

    [Fact]
    public async Task What_is_left_out_at_the_end_is_said()
    {
        await DrainAsync(string.Concat(Enumerable.Range(0, 1000).Select(i => $"{i}\n")));

        Assert.Equal("(950 more lines are left out)", _lines[^1]);
    }

    private Task DrainAsync(string text) =>
        new LineDrain(_time, _lines.Add).RunAsync(new StreamReader(new MemoryStream(Encoding.UTF8.GetBytes(text))));

    /// <summary>Texts, with something that happens between them.</summary>
    private sealed class Stretches(Action between, params string[] texts) : Stream
    {
        private readonly Queue<byte[]> _texts = new(texts.Select(Encoding.UTF8.GetBytes));
        private byte[] _rest = [];

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count)
        {
            if (_rest.Length == 0)
            {
                if (!_texts.TryDequeue(out byte[]? next))
                {
                    return 0;
                }
                if (_texts.Count == 0)
                {
                    between();
                }
                _rest = next;
            }
            int length = Math.Min(count, _rest.Length);
            _rest.AsSpan(0, length).CopyTo(buffer.AsSpan(offset));
            _rest = _rest[length..];
            return length;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
