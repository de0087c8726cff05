using System.Text;
using CollectorAgent.TestKit;
using Xunit.Abstractions;

namespace CollectorAgent.Fuzz.Tests;

/// <summary>Sample pages that hold OpenMetrics as text.</summary>
public sealed class MetricsPageFuzzTests(ITestOutputHelper output)
{
    private const string Metrics = """
        # HELP a Says \"so\".
        # TYPE a counter
        a_total{b="c",owner="vm x"} 1 # {t="u"} 0.5 1
        # TYPE h histogram
        # UNIT h s
        h_bucket{le="1"} 1
        h_bucket{le="+Inf"} 3
        h_sum 4
        h_count 3
        # TYPE s summary
        s{quantile="0.5"} -Inf
        # TYPE t stateset
        t{t="on"} 1
        t{t="off"} 0
        # TYPE i info
        i_info{v="1"} 1
        g 5 1700000000
        # EOF

        """;

    [Fact]
    public void Page_of_OpenMetrics_text_is_a_sample_or_has_a_status() =>
        new Fuzzing("metrics-page", Seeds(), output)
        {
            Finish = FuzzedPages.Seal,
            Words = FuzzedPages.Words,
            MaxAllocatedBytes = FuzzedPages.MaxAllocatedBytes,
        }.Run(FuzzedPages.IsSample);

    private static IEnumerable<byte[]> Seeds() =>
    [
        FuzzedPages.Version3(1_700_000_000, Encoding.UTF8.GetBytes(Metrics)),
        FuzzedPages.Version3(1_700_000_005, File.ReadAllBytes(Repository.PathOf("tests/golden/metrics.txt"))),
        .. Directory.EnumerateFiles(Repository.PathOf("tests/badpages"), "v3-*").Order(StringComparer.Ordinal).Select(File.ReadAllBytes),
    ];
}
