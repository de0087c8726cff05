using System.Text;

namespace CollectorAgent.Protocol.Tests;

/// <summary>Pages whose every byte is known from elsewhere.</summary>
public sealed class WorkedPageTests
{
    private static readonly string Metadata = """
        {"datasources":{"q":{"owner":"host","value":"7","value_type":"int64","type":"gauge","default":"true","units":"B","min":"0.00","max":"inf"},
        "r":{"description":"d","owner":"vm 5b7a1c1e-0000-4000-8000-000000000001","transform":"inverse","value":"0.25","value_type":"float",
        "type":"derive","default":"false","units":"(fraction)","min":"0.00","max":"1.00"}}}
        """.ReplaceLineEndings("");

    [Fact]
    public void Page_of_version_2_is_read()
    {
        byte[] page =
        [
            .. Convert.FromHexString(
                "44415441534f5552434553" + "3746f530" + "f5af1740" + "00000002" + "41d954fc40100000" +
                "0000000000000007" + "3fd0000000000000" + "00000161"),
            .. Encoding.ASCII.GetBytes(Metadata),
        ];
        var reader = new PageReader();

        Assert.Equal(PageStatus.Ok, reader.Read(new MemoryPage(page)));

        Assert.Equal(2, reader.Version);
        Assert.Equal(1_700_000_000.25, reader.Timestamp);
        Assert.Equal([7, Pages.Bits(0.25)], reader.Values.ToArray());
        Assert.Equal(
            [
                new ReportedSource("q") { IsInteger = true, Type = ReportedType.Gauge, IsDefault = true, Units = "B", Min = 0 },
                new ReportedSource("r")
                {
                    Description = "d",
                    Owner = new Owner(OwnerKind.Vm, "5b7a1c1e-0000-4000-8000-000000000001"),
                    IsInverse = true,
                    Type = ReportedType.Derive,
                    Units = "(fraction)",
                    Min = 0,
                    Max = 1,
                },
            ],
            reader.Sources);
        Assert.Equal(page, Pages.Version2(Metadata, 7, Pages.Bits(0.25)));
    }

    [Fact]
    public void Page_of_version_1_is_read()
    {
        string payload = """
            {"timestamp":1700000000.25,"datasources":{"q":{"owner":"host","value":"7","value_type":"int64","type":"gauge",
            "default":"true","units":"B","min":"0.00","max":"inf"}}}
            """.ReplaceLineEndings("");
        byte[] page = Encoding.ASCII.GetBytes("DATASOURCES\n000000a6\n73e6b3b00311a5cd09a3d438a59dba43\n" + payload);
        var reader = new PageReader();

        Assert.Equal(PageStatus.Ok, reader.Read(new MemoryPage(page)));

        Assert.Equal(1, reader.Version);
        Assert.Equal(1_700_000_000.25, reader.Timestamp);
        Assert.Equal([7], reader.Values.ToArray());
        Assert.Equal([new ReportedSource("q") { IsInteger = true, Type = ReportedType.Gauge, IsDefault = true, Units = "B", Min = 0 }], reader.Sources);
        Assert.Equal(PageStatus.Unchanged, reader.Read(new MemoryPage(page)));
    }

    [Fact]
    public void Page_that_the_C_library_has_just_opened_waits_for_its_first_sample()
    {
        byte[] metadata = Encoding.ASCII.GetBytes("{\n    \"datasources\": {\n    }\n}\0");
        byte[] emptyMetadata = Encoding.ASCII.GetBytes("{\n    \"datasources\": {}\n}\0");
        byte[] start = Convert.FromHexString("44415441534f555243455301234567c9b512d500000000" + "41d954fc40100000" + "0000001a");
        byte[] page = new byte[32931];
        start.CopyTo(page, 0);
        emptyMetadata.CopyTo(page, start.Length);
        Assert.Equal(0x1a, emptyMetadata.Length);
        Assert.Equal(0xc9b512d5, Crc32.Compute(emptyMetadata));
        var reader = new PageReader();
        var source = new MemoryPage(page);

        Assert.Equal(PageStatus.InvalidChecksum, reader.Read(source));

        Pages.BigEndian(Pages.Checksum(page.AsSpan(23, 8))).CopyTo(page, 11);
        Assert.Equal(PageStatus.Ok, reader.Read(source));
        Assert.Empty(reader.Sources);

        Pages.Version2(Pages.Bits(Pages.Time), metadata).CopyTo(page, 0);
        Assert.Equal(PageStatus.Ok, reader.Read(source));
        Assert.Empty(reader.Sources);
    }

    [Fact]
    public void C_library_counts_the_closing_nul()
    {
        byte[] metadata = Encoding.ASCII.GetBytes(
            "{\n    \"datasources\": {\n        \"a\": {\n            \"description\": \"\",\n            \"units\": \"\",\n" +
            "            \"min\": \"-inf\",\n            \"max\": \"inf\",\n            \"default\": \"true\",\n            \"owner\": \"host\",\n" +
            "            \"value_type\": \"float\",\n            \"type\": \"gauge\"\n        }\n    }\n}\0");
        byte[] page = new byte[32931];
        Pages.Version2(Pages.Bits(Pages.Time), metadata, Pages.Bits(1.5)).CopyTo(page, 0);
        var reader = new PageReader();

        Assert.Equal(PageStatus.Ok, reader.Read(new MemoryPage(page)));
        Assert.Equal([new ReportedSource("a") { Type = ReportedType.Gauge, IsDefault = true }], reader.Sources);
    }
}
