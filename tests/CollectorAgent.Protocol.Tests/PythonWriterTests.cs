namespace CollectorAgent.Protocol.Tests;

/// <summary>Pages as plugins in Python write them, written by Python.</summary>
public sealed class PythonWriterTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ca-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [PythonFact]
    public void Pages_are_read_sample_by_sample()
    {
        string path = Path.Combine(_folder, "plugin");
        var python = Python.Start(Python.Fixture("rrdd_writer.py"), path);
        var reader = new PageReader();

        Assert.Equal("written", python.Ask("""
            {"timestamp": 1700000000.25, "sources": [{"name": "b", "value": 18446744073709551615, "value_type": "int64", "owner": "vm ABCDE",
            "type": "derive", "units": "°C", "description": "d \"q\"", "min": 0, "max": "1.5"}, {"name": "a", "value": 0.25},
            {"name": "a/c", "value": 1, "bare_min": -Infinity, "bare_max": Infinity}]}
            """.ReplaceLineEndings("")));
        Assert.Equal(PageStatus.Ok, Read(reader, path));
        Assert.Equal(1_700_000_000.25, reader.Timestamp);
        Assert.Equal(
            [
                new ReportedSource("a") { IsDefault = true },
                new ReportedSource("a/c") { IsDefault = true },
                new ReportedSource("b")
                {
                    IsInteger = true,
                    IsDefault = true,
                    Owner = new Owner(OwnerKind.Vm, "abcde"),
                    Type = ReportedType.Derive,
                    Units = "°C",
                    Description = "d \"q\"",
                    Min = 0,
                    Max = 1.5,
                },
            ],
            reader.Sources);
        Assert.Equal([Pages.Bits(0.25), Pages.Bits(1), -1], reader.Values.ToArray());
        long length = new FileInfo(path).Length;

        // Fewer data sources: old bytes stay behind the end.
        Assert.Equal("written", python.Ask("""{"timestamp": 1700000005.5, "sources": [{"name": "a", "value": NaN}]}"""));
        Assert.Equal(length, new FileInfo(path).Length);
        Assert.Equal(PageStatus.Ok, Read(reader, path));
        Assert.Equal([new ReportedSource("a") { IsDefault = true }], reader.Sources);
        Assert.True(double.IsNaN(BitConverter.Int64BitsToDouble(reader.Values[0])));
        var sources = reader.Sources;

        Assert.Equal("written", python.Ask("""{"timestamp": 1700000010, "sources": [{"name": "a", "value": 3}]}"""));
        Assert.Equal(PageStatus.Ok, Read(reader, path));
        Assert.Same(sources, reader.Sources);
        Assert.Equal([Pages.Bits(3)], reader.Values.ToArray());
        Assert.Equal(PageStatus.Unchanged, Read(reader, path));
        python.End();
    }

    private static PageStatus Read(PageReader reader, string path) => reader.Read(new MemoryPage(File.ReadAllBytes(path)));
}
