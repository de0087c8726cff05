using System.Text;
using CollectorAgent.Rrd.Formats;
using CollectorAgent.TestKit;
using Xunit.Abstractions;

namespace CollectorAgent.Fuzz.Tests;

/// <summary>RRDs in XML.</summary>
public sealed class RrdXmlFuzzTests(ITestOutputHelper output)
{
    [Fact]
    public void Document_is_an_RRD_that_can_be_written_and_read_again_or_refused() =>
        new Fuzzing("rrd-xml", FuzzedDocuments.Seeds(), output) { Words = FuzzedDocuments.Words, MaxAllocatedBytes = 64 << 20 }.Run(bytes =>
        {
            try
            {
                var rrd = RrdXmlReader.Read(new MemoryStream(bytes));
                FuzzedDocuments.AssertReadable(rrd);
                return true;
            }
            catch (ArchiveFormatException)
            {
                return false;
            }
        });
}
