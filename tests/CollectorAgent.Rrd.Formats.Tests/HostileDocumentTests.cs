using System.IO.Compression;
using System.Text;

namespace CollectorAgent.Rrd.Formats.Tests;

/// <summary>Documents that are none: each is refused by the exception that says so, and costs little.</summary>
public sealed class HostileDocumentTests
{
    private const string Head = "<rrd><version>0003</version><step>5</step><lastupdate>1700000016</lastupdate>";
    private const string Rra = "<rra><cf>AVERAGE</cf><pdp_per_row>1</pdp_per_row><params><xff>0.5</xff></params>";

    private static readonly string Source = RrdXmlReaderTests.Source("a", "GAUGE", "1", "1", "1");

    public static TheoryData<string> Broken =>
    [
        "",
        "no xml",
        "<html/>",
        "<rrd/>",
        "<rrd>text</rrd>",
        Head,
        Head + "<ds>",
        Head + "<unknown>1</unknown></rrd>",
        Head + "<ds><name>a</name><colour>red</colour></ds></rrd>",
        Head + "<ds><name></name><type>GAUGE</type></ds></rrd>",
        Head + "<ds><name><b>a</b></name><type>GAUGE</type></ds></rrd>",
        Head + "<ds><name>a</name><type>FORMULA</type></ds></rrd>",
        Head + Source + Rra + "<database><row><v>1</v><v>2</v></row></database></rra></rrd>",
        Head + Source + Rra + "<database><row></row></database></rra></rrd>",
        Head + Source + Rra + "<database><row><v>one</v></row></database></rra></rrd>",
        Head + Source + Rra + "<database><line><v>1</v></line></database></rra></rrd>",
        Head + Rra + "<database><row/></database></rra>" + Source + "</rrd>",
        Head + Source + "<rra><cf>TOTAL</cf><pdp_per_row>1</pdp_per_row></rra></rrd>",
        Head + Source + "<rra><pdp_per_row>1</pdp_per_row></rra></rrd>",
        Head + Source + "<rra><cf>MIN</cf></rra></rrd>",
        Head + Source + "<rra><cf>MIN</cf><pdp_per_row>-3</pdp_per_row></rra></rrd>",
        Head + Source + "<rra><cf>MIN</cf><pdp_per_row>1e300</pdp_per_row></rra></rrd>",
        Head + Source + "<rra><cf>MIN</cf><pdp_per_row>1</pdp_per_row><xff>2</xff></rra></rrd>",
        Head + Source + "<rra><cf>MIN</cf><pdp_per_row>1</pdp_per_row><xff>NaN</xff></rra></rrd>",
        Head + Source + Source + "</rrd",
        Head.Replace("<step>5", "<step>0", StringComparison.Ordinal) + "</rrd>",
        Head.Replace("<step>5", "<step>-5", StringComparison.Ordinal) + "</rrd>",
        Head.Replace("<step>5", "<step>NaN", StringComparison.Ordinal) + "</rrd>",
        Head.Replace("1700000016", "-1", StringComparison.Ordinal) + "</rrd>",
        Head.Replace("1700000016", "NaN", StringComparison.Ordinal) + "</rrd>",
        Head.Replace("1700000016", "1e300", StringComparison.Ordinal) + "</rrd>",
        Head + "<ds><name>&undeclared;</name><type>GAUGE</type></ds></rrd>",
        "<!DOCTYPE rrd [<!ENTITY a \"x\"><!ENTITY b \"&a;&a;\">]>" + Head + "<ds><name>&b;</name></ds></rrd>",
        "<!DOCTYPE rrd [<!ENTITY f SYSTEM \"file:///etc/passwd\">]>" + Head + "<ds><name>&f;</name></ds></rrd>",
        Head + "<ds a=\"1\"><name>a</name><type>GAUGE</type></ds></rrd>",
        Head + "<ds><name a=\"1\">a</name><type>GAUGE</type></ds></rrd>",
        $"<rrd a=\"{new string('a', 200_000)}\">{Head[5..]}{Source}</rrd>",
        Head + string.Concat(Enumerable.Repeat("<ds>", 100_000)),
        Head + "<ds><name>" + string.Concat(Enumerable.Repeat("<a>", 100_000)),
        Head + "<ds><name>" + new string('n', 100_000) + "</name></ds></rrd>",
        Head + string.Concat(Enumerable.Repeat("<ds><name>a</name></ds>", 32769)) + "</rrd>",
        Head + string.Concat(Enumerable.Repeat("<rra><cf>MIN</cf><pdp_per_row>1</pdp_per_row></rra>", 65)) + "</rrd>",
        Head + string.Concat(Enumerable.Repeat("<rra><cf>HWPREDICT</cf><pdp_per_row>1</pdp_per_row></rra>", 65)) + "</rrd>",
        "<?xml version=\"1.0\" encoding=\"no-such\"?>" + Head + "</rrd>",
        "<?xml version=\"1.0\" encoding=\"utf-16\"?>" + Head + "</rrd>",
    ];

    [Theory]
    [MemberData(nameof(Broken))]
    public void Broken_document_is_refused(string document) => Assert.Throws<ArchiveFormatException>(() => Documents.Read(document));

    [Fact]
    public void Message_says_where() =>
        Assert.Contains("line 2", Assert.Throws<ArchiveFormatException>(() => Documents.Read(Head + "\n<what/></rrd>")).Message, StringComparison.Ordinal);

    [Fact]
    public void Largest_numbers_are_read_or_refused()
    {
        var rrd = Documents.Read(
            Head.Replace("<step>5", "<step>2147483647", StringComparison.Ordinal).Replace("1700000016", "4e18", StringComparison.Ordinal)
            + Source + Rra.Replace("row>1<", "row>2147483647<", StringComparison.Ordinal)
            + "<cdp_prep>" + RrdXmlReaderTests.Prep.Replace(">0<", ">1e300<", StringComparison.Ordinal) + "</cdp_prep>"
            + "<database><row><v>1e400</v></row></database></rra></rrd>");

        Assert.Equal([double.NaN], RrdXmlReaderTests.Column(rrd, 0));
    }

    [Fact]
    public async Task Document_cut_anywhere_is_refused()
    {
        byte[] whole = Encoding.UTF8.GetBytes(await Documents.Small().XmlAsync(RrdForm.Internal));
        for (int length = 0; length < whole.Length; length += length < 1000 ? 1 : 7)
        {
            Assert.Throws<ArchiveFormatException>(() => RrdXmlReader.Read(new MemoryStream(whole, 0, length)));
        }
    }

    [Fact]
    public async Task Mutations_are_read_or_refused_and_cost_little()
    {
        byte[][] seeds =
        [
            Encoding.UTF8.GetBytes(await Documents.Small().XmlAsync(RrdForm.Internal)),
            Encoding.UTF8.GetBytes(await Documents.Small().XmlAsync()),
            Encoding.UTF8.GetBytes("<?xml version=\"1.0\"?>\n<!DOCTYPE rrd SYSTEM \"rrd.dtd\">" + Head + Source + Rra
                + "<cdp_prep>" + RrdXmlReaderTests.Prep + "</cdp_prep><database><!-- --><row><v> NaN </v></row></database></rra></rrd>"),
        ];
        var random = new Random(42);
        int read = 0, refused = 0;
        long most = 0;
        for (int i = 0; i < 20_000; i++)
        {
            byte[] mutant = Mutate(seeds[i % seeds.Length], random);
            long before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                RrdXmlReader.Read(new MemoryStream(mutant));
                read++;
            }
            catch (ArchiveFormatException)
            {
                refused++;
            }
            most = Math.Max(most, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.True(read > 500 && refused > 5000, $"{read} read, {refused} refused");
        Assert.True(most < 8 << 20, $"one took {most} bytes");
    }

    [Fact]
    public void Rows_without_values_are_bounded()
    {
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(Encoding.ASCII.GetBytes(Head + Rra + "<database>"));
            byte[] rows = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("<row/>", 10_000)));
            for (int i = 0; i < 500; i++)
            {
                gzip.Write(rows);
            }
        }
        compressed.Position = 0;
        using var xml = new GZipStream(compressed, CompressionMode.Decompress);

        var refusal = Assert.Throws<ArchiveFormatException>(() => RrdXmlReader.Read(xml));

        Assert.StartsWith("more than 4194304 rows", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Root_may_name_its_schema() =>
        Assert.Single(Documents.Read(Head.Replace("<rrd>", "<rrd xmlns=\"https://oss.oetiker.ch/rrdtool/rrdtool-dump.xml\">", StringComparison.Ordinal)
            + Source + Rra + "<database><row><v>1</v></row></database></rra></rrd>").DataSources);

    [Fact]
    public void Values_are_bounded_by_who_reads()
    {
        byte[] document = Encoding.UTF8.GetBytes(Head + Source + Rra + "<database><row><v>1</v></row><row><v>1</v></row></database></rra></rrd>");

        RrdXmlReader.Read(new MemoryStream(document), maxCells: 2);
        var refusal = Assert.Throws<ArchiveFormatException>(() => RrdXmlReader.Read(new MemoryStream(document), maxCells: 1));

        Assert.StartsWith("more than 1 values", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Stream_that_fails_is_an_io_error() => Assert.Throws<IOException>(() => RrdXmlReader.Read(new FailingStream()));

    private static byte[] Mutate(byte[] seed, Random random)
    {
        var bytes = seed.ToList();
        for (int n = random.Next(1, 4); n > 0; n--)
        {
            int at = random.Next(bytes.Count);
            int length = Math.Min(random.Next(1, 60), bytes.Count - at);
            switch (random.Next(5))
            {
                case 0:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 1:
                    bytes.RemoveRange(at, length);
                    break;
                case 2:
                    bytes.InsertRange(random.Next(bytes.Count), bytes.GetRange(at, length));
                    break;
                case 3:
                    // Another number, where there is one.
                    int digit = bytes.FindIndex(at, b => b is >= (byte)'0' and <= (byte)'9');
                    if (digit >= 0)
                    {
                        bytes.InsertRange(digit, "9e99-"u8[..random.Next(1, 5)]);
                    }
                    break;
                default:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
            }
        }
        return [.. bytes];
    }

    private sealed class FailingStream() : MemoryStream(new byte[10_000])
    {
        public override int Read(byte[] buffer, int offset, int count) => throw new IOException("the disk is gone");

        public override int Read(Span<byte> buffer) => throw new IOException("the disk is gone");
    }
}
