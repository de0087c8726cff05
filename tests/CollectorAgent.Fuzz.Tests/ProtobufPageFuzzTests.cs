using System.Text;
using Xunit.Abstractions;

namespace CollectorAgent.Fuzz.Tests;

/// <summary>Sample pages that hold OpenMetrics as protobuf. The bytes are put together here.</summary>
public sealed class ProtobufPageFuzzTests(ITestOutputHelper output)
{
    private static readonly byte[] Metrics =
    [
        .. Family("g", 1, Field(1, Field(1, "b"), Field(2, "x")), Field(2, Field(2, Number(1, 0.5)))),
        .. Family("c", 2, Field(2, Field(3, Whole(2, 7)))),
        .. Family("h", 5, Field(2, Field(4, Number(1, 2), Whole(3, 3), Field(5, Whole(1, 3), Number(2, double.PositiveInfinity))))),
        .. Family("s", 7, Field(2, Field(7, Whole(2, 2), Whole(3, 3), Field(5, Number(1, 0.5), Number(2, 4))))),
        .. Family("t", 3, Field(2, Field(5, Field(1, Whole(1, 1), Field(2, "on")), Field(1, Field(2, "off"))))),
        .. Family("i", 4, Field(2, Field(6, Field(1, Field(1, "v"), Field(2, "1"))))),
    ];

    [Fact]
    public void Page_of_OpenMetrics_protobuf_is_a_sample_or_has_a_status() =>
        new Fuzzing("protobuf-page", [FuzzedPages.Version3(1_700_000_000, Metrics)], output)
        {
            Finish = FuzzedPages.Seal,
            MaxAllocatedBytes = FuzzedPages.MaxAllocatedBytes,
        }.Run(FuzzedPages.IsSample);

    private static byte[] Family(string name, byte type, params byte[][] metric) => Field(1, Field(1, name), Whole(2, type), Field(5, metric));

    private static byte[] Field(int number, string text) => Field(number, Encoding.UTF8.GetBytes(text));

    private static byte[] Field(int number, params byte[][] content) =>
        [(byte)((number << 3) | 2), (byte)content.Sum(c => c.Length), .. content.SelectMany(c => c)];

    private static byte[] Whole(int number, byte value) => [(byte)(number << 3), value];

    private static byte[] Number(int number, double value) => [(byte)((number << 3) | 1), .. BitConverter.GetBytes(value)];
}
