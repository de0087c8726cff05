using System.Globalization;
using System.Text.Json;

namespace CollectorAgent.Protocol.Tests;

/// <summary>Metrics written by other people's encoders: prometheus_client for text, google.protobuf for protobuf.</summary>
public sealed class PythonMetricsTests : IDisposable
{
    private const string Vm = "5b7a1c1e-0000-4000-8000-000000000001";

    private readonly string _folder = Directory.CreateTempSubdirectory("ca-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [PythonFact]
    public void Text_of_python_is_read()
    {
        var reader = new PageReader();
        var owner = new Owner(OwnerKind.Vm, Vm);

        Write(reader, "text", "1700000000 2.5", "1700000005 3");

        (string Name, Owner Owner, ReportedType Type, string Units, double Value)[] expected =
        [
            ("room_celsius{room=a%2Cb%3D%22%7Bc%7D%22 \\ %0A}", Owner.Host, ReportedType.Gauge, "celsius", 3),
            ("room_celsius{room=μ}", owner, ReportedType.Gauge, "celsius", -0.0),
            ("room_celsius{room=100%25}", Owner.Host, ReportedType.Gauge, "celsius", double.NaN),
            ("room_celsius", Owner.Host, ReportedType.Gauge, "celsius", double.NegativeInfinity),
            ("v3_calls_total{a=2,z=1}", Owner.Host, ReportedType.Derive, "", 3),
            ("v3_calls_total{a=4,z=3}", Owner.Host, ReportedType.Derive, "", 1e300),
            ("wait_seconds_bucket{le=1e-05,queue=q}", Owner.Host, ReportedType.Derive, "", 1),
            ("wait_seconds_bucket{le=0.25,queue=q}", Owner.Host, ReportedType.Derive, "", 2),
            ("wait_seconds_bucket{le=1.0,queue=q}", Owner.Host, ReportedType.Derive, "", 3),
            ("wait_seconds_bucket{le=1e+06,queue=q}", Owner.Host, ReportedType.Derive, "", 4),
            ("wait_seconds_bucket{le=1.234567e+06,queue=q}", Owner.Host, ReportedType.Derive, "", 5),
            ("wait_seconds_bucket{le=+Inf,queue=q}", Owner.Host, ReportedType.Derive, "", 6),
            ("wait_seconds_count{queue=q}", Owner.Host, ReportedType.Derive, "", 6),
            ("wait_seconds_sum{queue=q}", Owner.Host, ReportedType.Derive, "seconds/s", 7.5),
            ("sizes_bucket{le=1.0}", Owner.Host, ReportedType.Gauge, "", 1),
            ("sizes_bucket{le=+Inf}", Owner.Host, ReportedType.Gauge, "", 3),
            ("sizes_gcount", Owner.Host, ReportedType.Gauge, "", 3),
            ("sizes_gsum", Owner.Host, ReportedType.Gauge, "", 9),
            ("took_seconds{quantile=0.5}", owner, ReportedType.Gauge, "seconds", 0.125),
            ("took_seconds_count", owner, ReportedType.Derive, "", 3),
            ("took_seconds_sum", owner, ReportedType.Derive, "seconds/s", 0.75),
            ("door{door=open,side=left}", Owner.Host, ReportedType.Gauge, "", 1),
            ("door{door=shut,side=left}", Owner.Host, ReportedType.Gauge, "", 0),
            ("odd%3Aname", Owner.Host, ReportedType.Gauge, "", 3),
        ];
        Assert.Equal(expected, reader.Sources.Select((s, i) => (s.Name, s.Owner, s.Type, s.Units, Values(reader)[i])));
        Assert.Equal("Says \\ \"so\",\nand more", reader.Sources[0].Description);
        Assert.Equal(["family build: info has no number"], reader.LeftOut);
    }

    [PythonFact]
    public void Text_and_protobuf_of_the_same_metrics_give_the_same_data_sources_and_values()
    {
        var (text, protobuf) = (new PageReader(), new PageReader());

        Write(text, "text", "1700000000 2.5", "1700000005 3");
        Write(protobuf, "protobuf", "1700000000 2.5", "1700000005 3");

        Assert.Equal(24, text.Sources.Count);
        Assert.Equal(text.Sources, protobuf.Sources);
        Assert.Equal(Values(text), Values(protobuf));
        Assert.Equal(text.LeftOut, protobuf.LeftOut);
        Assert.Equal(text.Timestamp, protobuf.Timestamp);
    }

    [PythonFact]
    public void Bounds_are_spelled_as_python_spells_them()
    {
        var python = Python.Start(
            "-c", "import sys; from prometheus_client.utils import floatToGoString as f\nfor line in sys.stdin: print(f(float(line)), flush=True)");
        var random = new Random(3);
        double[] numbers =
        [
            0, 1, 10, 0.001, 1e-4, 9.9e-5, 1e-5, 1e-10, 99999, 999999, 999999.5, 1e6, 1234567, 1e10, 123456789012345680, 1e21, 1e100, 5e-324,
            double.MaxValue, double.PositiveInfinity, double.NegativeInfinity, double.NaN, -0.5, 0.1 + 0.2,
            .. Enumerable.Range(0, 300).Select(_ => Math.Round(Math.Pow(10, random.NextDouble() * 12 - 4), random.Next(6)) * (1 + random.Next(2) * 1e-13)),
        ];
        foreach (double number in numbers)
        {
            byte[] text = new byte[CanonicalNumber.MaxLength];
            string ours = System.Text.Encoding.ASCII.GetString(text, 0, CanonicalNumber.Write(number, text));
            string theirs = python.Ask(number.ToString("R", CultureInfo.InvariantCulture).Replace("Infinity", "inf", StringComparison.Ordinal));
            // From 1e10 on that function writes a zero too many; OpenMetrics has 1e+10.
            Assert.Equal(theirs.Replace("e+01", "e+1", StringComparison.Ordinal), ours);
        }
        python.End();
    }

    private static double[] Values(PageReader reader) => [.. reader.Values.ToArray().Select(BitConverter.Int64BitsToDouble)];

    private void Write(PageReader reader, string form, params string[] samples)
    {
        string path = Path.Combine(_folder, form);
        var python = Python.Start("-B", Python.Fixture("openmetrics_page.py"), path, form);
        IReadOnlyList<ReportedSource>? sources = null;
        foreach (string sample in samples)
        {
            string text = JsonSerializer.Deserialize<string>(python.Ask(sample))!;
            Assert.EndsWith("# EOF\n", text, StringComparison.Ordinal);
            var status = reader.Read(new MemoryPage(File.ReadAllBytes(path)));
            Assert.True(status == PageStatus.Ok, $"{status} {reader.Detail}");
            Assert.Same(sources ?? reader.Sources, reader.Sources);
            sources = reader.Sources;
        }
        python.End();
    }
}
