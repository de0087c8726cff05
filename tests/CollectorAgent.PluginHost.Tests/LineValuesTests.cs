using System.Globalization;
using System.Text;
using CollectorAgent.Protocol;
using CollectorAgent.Sdk;

namespace CollectorAgent.PluginHost.Tests;

public sealed class LineValuesTests : IDisposable
{
    private readonly DirectoryInfo _scratch = Directory.CreateTempSubdirectory("ca-values-");

    public void Dispose() => _scratch.Delete(recursive: true);

    [Fact]
    public void Line_is_name_value_unit_and_owner()
    {
        var page = Read("""
            # a comment

            plain 1
              blanks	2.5   B/s
            none 3 - host
            of_a_vm 4 requests vm 0B34C1D2-0000-4000-8000-000000000001
            of_an_sr 5 - sr 0b34c1d2-0000-4000-8000-000000000002
            reads_total 6 requests
            """);

        Assert.Equal(
            [
                Gauge("plain"),
                Gauge("blanks") with { Units = "B/s" },
                Gauge("none"),
                Gauge("of_a_vm") with { Units = "requests", Owner = new Owner(OwnerKind.Vm, "0b34c1d2-0000-4000-8000-000000000001") },
                Gauge("of_an_sr") with { Owner = new Owner(OwnerKind.Sr, "0b34c1d2-0000-4000-8000-000000000002") },
                Gauge("reads_total") with { Type = ReportedType.Derive, Units = "requests", Min = 0 },
            ],
            page.Sources);
        Assert.Equal([1, 2.5, 3, 4, 5, 6], page.Values.ToArray().Select(BitConverter.Int64BitsToDouble));
    }

    [Theory]
    [InlineData("1", 1)]
    [InlineData("-1.5e3", -1500)]
    [InlineData("+.5", 0.5)]
    [InlineData("NaN", double.NaN)]
    [InlineData("nan", double.NaN)]
    [InlineData("+Inf", double.PositiveInfinity)]
    [InlineData("-Inf", double.NegativeInfinity)]
    [InlineData("inf", double.PositiveInfinity)]
    [InlineData("18446744073709551615", 18446744073709551615.0)]
    public void Numbers_are_those_of_openmetrics(string text, double number) =>
        Assert.Equal(number, BitConverter.Int64BitsToDouble(Read("x " + text).Values[0]));

    [Theory]
    [InlineData("x", "behind the name there is no number")]
    [InlineData("x y", "behind the name there is no number")]
    [InlineData("x 1,5", "behind the name there is no number")]
    [InlineData("x 0x10", "behind the name there is no number")]
    [InlineData("x 1 B vm", "behind the unit (- for none) there is neither host nor vm UUID nor sr UUID")]
    [InlineData("x 1 vm 0b34c1d2", "behind the unit (- for none) there is neither host nor vm UUID nor sr UUID")]
    [InlineData("x 1 B vm ../../etc", "behind the unit (- for none) there is neither host nor vm UUID nor sr UUID")]
    [InlineData("x 1 B host more", "behind the unit (- for none) there is neither host nor vm UUID nor sr UUID")]
    [InlineData("a:b 1", "a name has at most 255 characters, none of them a colon or control character")]
    [InlineData("a\u0001b 1", "a name has at most 255 characters, none of them a colon or control character")]
    [InlineData("spool\u200bfiles 1", "the name has a character that nobody sees, U+200B; take it out")]
    [InlineData("spool\ufefffiles 1", "the name has a character that nobody sees, U+FEFF; take it out")]
    [InlineData("\ufeff\ufeffspool 1", "the name has a character that nobody sees, U+FEFF; take it out")]
    [InlineData("spool\u00a0files 1", "the name has a character that nobody sees, U+00A0; take it out")]
    [InlineData("spool\u2028files 1", "the name has a character that nobody sees, U+2028; take it out")]
    [InlineData("spool\U000e0041files 1", "the name has a character that nobody sees, U+E0041; take it out")]
    [InlineData("spool 1 B\u00ad", "the unit has a character that nobody sees, U+00AD; take it out")]
    [InlineData("good 2", "the name stands there twice; the first counts")]
    public void Bad_line_costs_itself_only(string line, string reason)
    {
        var values = LineValues.Read(Encoding.UTF8.GetBytes($"good 1\n{line}\nlast 3\n"));

        Assert.Equal([$"2 {reason}"], values.Complaints.Select(c => c.Kind));
        Assert.Equal(new() { ["host good"] = 1, ["host last"] = 3 }, Values.Of(Publish(values)));
    }

    [Fact]
    public void Line_that_is_no_utf_8_or_too_long_costs_itself_only()
    {
        byte[] block = [.. "a"u8, 0xff, .. " 1\n"u8, .. Encoding.UTF8.GetBytes($"{new string('n', 256)} 1\nx 1 {new string('u', 65)}\nx 1\n")];

        var values = LineValues.Read(block);

        Assert.Equal(
            [
                "1 it is no UTF-8",
                "2 a name has at most 255 characters, none of them a colon or control character",
                "3 a unit has at most 64 characters, none of them a control character",
            ],
            values.Complaints.Select(c => c.Kind));
        Assert.Equal($"line 2, '{new string('n', 60)}': a name", values.Complaints[1].Sentence[..78]);
        Assert.Equal(new() { ["host x"] = 1 }, Values.Of(Publish(values)));
    }

    [Fact]
    public void Two_owners_may_have_the_same_name() => Assert.Equal(
        new() { ["vm a x"] = 1, ["vm b x"] = 2 }, Values.Of(Read("x 1 - vm a\nx 2 - vm b")));

    private static ReportedSource Gauge(string name) => new(name) { Type = ReportedType.Gauge, IsDefault = true };

    private PageReader Read(string lines)
    {
        var values = LineValues.Read(Encoding.UTF8.GetBytes(lines));
        Assert.Empty(values.Complaints);
        return Publish(values);
    }

    private PageReader Publish(LineValues values)
    {
        string path = Path.Combine(_scratch.FullName, "page");
        using var page = new SamplePage(path);
        page.Publish(1_700_000_000, values.Report);
        var reader = new PageReader();
        Assert.Equal(PageStatus.Ok, reader.Read(new FilePage(path)));
        return reader;
    }
}
