using CollectorAgent.PluginHost;
using CollectorAgent.TestKit;
using Xunit.Abstractions;

namespace CollectorAgent.Fuzz.Tests;

/// <summary>What programs print: blocks of lines.</summary>
public sealed class LineFuzzTests(ITestOutputHelper output) : IDisposable
{
    private static readonly string[] Words =
    [
        "# EOF\n", "\n", "\n\n", "\r\n", " host\n", " vm 5b7a1c1e-0000-4000-8000-000000000001\n",
        " sr 5b7a1c1e-0000-4000-8000-000000000002\n", " - ", "_total 5\n",
        "a{b=\"c\"} 1\n", "# TYPE a gauge\n",
    ];

    private LineValues? _values;
    private PublishedPage? _page;

    public void Dispose() => _page?.Dispose();

    [Fact]
    public void Output_is_values_that_a_page_can_hold_or_lines_that_are_complained_of()
    {
        _page = new PublishedPage(batch => _values?.Report(batch));
        // As many lines as there may be, each with a complaint, and cut twice.
        new Fuzzing("lines", Seeds(), output) { Words = Words, MaxBytes = 32 << 10, MaxAllocatedBytes = 4096L * BlockCutter.MaxLines }.Run(bytes =>
        {
            var blocks = Blocks(bytes, bytes.Length + 1);
            Assert.Equal(blocks, Blocks(bytes, 1 + bytes.Length % 7));
            bool isWhole = blocks.Count > 0;
            // Of many blocks the first few say it all.
            foreach (byte[] block in blocks.Take(3))
            {
                _ = MetricsText.IsLikely(block);
                _values = LineValues.Read(block);
                _page.Take();
                isWhole &= _values.Complaints.Count == 0;
            }
            return isWhole;
        });
    }

    private static IEnumerable<byte[]> Seeds() =>
    [
        "temperature 21.5 C\nbytes_total 5 B host\n\n"u8.ToArray(),
        "a 1\nb 2 -\nc 3 s vm 5b7a1c1e-0000-4000-8000-000000000001\n# EOF\na 2\n# comment\n\nb NaN\n# EOF\n"u8.ToArray(),
        "x 1e3 % sr 5b7a1c1e-0000-4000-8000-000000000002\r\ny\t-0.5\r\n\r\n"u8.ToArray(),
    ];

    /// <summary>The blocks of what is printed in pieces, up to where it is too much.</summary>
    private static List<byte[]> Blocks(byte[] printed, int pieceBytes)
    {
        var blocks = new List<byte[]>();
        var cutter = new BlockCutter();
        for (int at = 0; at < printed.Length; at += pieceBytes)
        {
            if (cutter.Append(printed.AsSpan(at, Math.Min(pieceBytes, printed.Length - at)), blocks.Add) is not null)
            {
                return blocks;
            }
        }
        blocks.Add(cutter.EndOfOutput());
        return blocks;
    }
}
