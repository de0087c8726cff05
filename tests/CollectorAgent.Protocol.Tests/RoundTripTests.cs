using FsCheck;
using FsCheck.Fluent;

namespace CollectorAgent.Protocol.Tests;

/// <summary>What is written is what is read.</summary>
public sealed class RoundTripTests
{
    private const int Samples = 500;

    private static readonly Gen<string> Uuids = Gen.Elements("5b7a1c1e-0000-4000-8000-000000000001", "abcde", "0");

    private static readonly Gen<double> Numbers = Gen.OneOf(
        Gen.Elements(0, -0.0, 0.1, 1e-300, 2.2250738585072014e-308, 1e300, double.MaxValue, double.Epsilon, double.PositiveInfinity, double.NegativeInfinity),
        ArbMap.Default.GeneratorFor<NormalFloat>().Select(f => f.Get));

    private static readonly Gen<ReportedSource> Sources =
        from name in Texts(1, 40, ": ")
        from units in Texts(0, 10, "")
        from description in Texts(0, 60, "")
        from incarnation in Texts(0, 10, "")
        from kind in Gen.Elements(Enum.GetValues<OwnerKind>())
        from uuid in Uuids
        from type in Gen.Elements(Enum.GetValues<ReportedType>())
        from flags in Gen.Choose(0, 7)
        from min in Numbers
        from max in Numbers
        select new ReportedSource(name)
        {
            Units = units,
            Description = description,
            Incarnation = incarnation,
            Owner = kind == OwnerKind.Host ? Owner.Host : new Owner(kind, uuid),
            Type = type,
            IsInteger = (flags & 1) != 0,
            IsDefault = (flags & 2) != 0,
            IsInverse = (flags & 4) != 0,
            Min = min,
            Max = max,
        };

    private static readonly Gen<(double Time, (ReportedSource Source, long Bits)[] Content)> Pagefuls =
        from seconds in Gen.Choose(1, int.MaxValue)
        from fraction in Gen.Elements(0, 0.25, 0.1, 0.000001)
        from content in (
            from source in Sources
            from integer in ArbMap.Default.GeneratorFor<long>()
            from extreme in Gen.Elements(0, long.MinValue, long.MaxValue)
            from isExtreme in Gen.Elements(true, false)
            from real in Numbers
            select (source, source.IsInteger ? isExtreme ? extreme : integer : Pages.Bits(real))).ArrayOf()
        select (seconds + fraction, content);

    [Fact]
    public void Page_of_version_2_is_read_as_it_was_written() => Hold((time, sources, values) =>
    {
        var reader = Read(PageWriter.Version2(time, sources, values));

        Assert.Equal((2, time), (reader.Version, reader.Timestamp));
        Assert.Equal(sources, reader.Sources);
        Assert.Equal(values, reader.Values.ToArray());
    });

    [Fact]
    public void Page_of_version_1_is_read_as_it_was_written_but_for_the_transform_it_does_not_know() => Hold((time, sources, values) =>
    {
        var reader = Read(PageWriter.Version1(time, sources, values));

        Assert.Equal((1, time), (reader.Version, reader.Timestamp));
        Assert.Equal(sources.Select(s => s with { IsInverse = false }), reader.Sources);
        Assert.Equal(values, reader.Values.ToArray());
    });

    [Fact]
    public void Version_2_keeps_every_bit_of_an_unknown_value()
    {
        long[] values = [Pages.Bits(double.NaN), 0x7ff8_0000_0000_0001, unchecked((long)0xffff_ffff_ffff_ffff)];

        Assert.Equal(values, Read(PageWriter.Version2(Pages.Time, [new("a"), new("b"), new("c")], values)).Values.ToArray());
    }

    private static void Hold(Action<double, ReportedSource[], long[]> property) =>
        Prop.ForAll(
                Pagefuls.ToArbitrary(),
                p => property(p.Time, [.. p.Content.Select(c => c.Source)], [.. p.Content.Select(c => c.Bits)]))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(Samples));

    private static PageReader Read(byte[] page)
    {
        var reader = new PageReader();
        var status = reader.Read(new MemoryPage(page));
        Assert.True(status == PageStatus.Ok, $"{status}: {reader.Detail}");
        return reader;
    }

    private static Gen<string> Texts(int minLength, int maxLength, string without) =>
        from length in Gen.Choose(minLength, maxLength)
        from characters in Gen.Elements(
            "abcXYZ019 _-/().,%\"\\'<>&{}[]:äμ°€漢𝄞".EnumerateRunes().Where(r => !without.Contains(r.ToString(), StringComparison.Ordinal)))
            .ArrayOf(length)
        select string.Concat(characters.Select(r => r.ToString()));
}
