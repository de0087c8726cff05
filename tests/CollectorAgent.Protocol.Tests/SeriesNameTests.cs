using FsCheck;
using FsCheck.Fluent;

namespace CollectorAgent.Protocol.Tests;

/// <summary>Identity: two series have one name exactly if they are one.</summary>
public sealed class SeriesNameTests
{
    private const int Samples = 3000;

    // Few and small, so that two series are often nearly the same.
    private static readonly Gen<string> Names = Gen.Elements("a", "b", "a_b", "b_");

    private static readonly Gen<string> Values =
        Gen.Elements("", "x", "a", "=", ",", "{", "}", "%", "%25", "2", "5", ":", "\"", "\\", "\n", "n", "\t", "\u0085", "é", "🌡", "y,b=x", "x}", "%2C")
            .ArrayOf().Resize(3).Select(string.Concat);

    private static readonly Gen<(string Name, (string Name, string Value)[] Labels)> Series =
        from name in Gen.Elements("m", "m_", "m:a", "m_3Aa")
        from labels in (from label in Names from value in Values select (label, value)).ArrayOf().Resize(3)
        select (name, labels.DistinctBy(l => l.label).ToArray());

    [Fact]
    public void Names_are_the_same_exactly_if_the_labels_are() => Prop.ForAll(
        Arb.From(from one in Series from other in Series select (one, other)),
        pair =>
        {
            var reader = new OpenMetricsReader();
            bool areOne = Key(pair.one) == Key(pair.other);
            // In two readings, since a reading does not take the same family in two places.
            string[] names = [.. new[] { pair.one, pair.other }.Select(s =>
            {
                Assert.True(reader.TryReadText(Pages.Bytes(Line(s) + "# EOF")), reader.Detail);
                return Assert.Single(reader.Sources).Name;
            })];

            Assert.Equal(areOne, names[0] == names[1]);
            Assert.All(names, n => Assert.DoesNotContain(n, c => char.IsControl(c) || c == ':'));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(Samples));

    private static string Key((string Name, (string Name, string Value)[] Labels) series) =>
        series.Name + "\0" + string.Join('\0', series.Labels.Where(l => l.Value.Length > 0).OrderBy(l => l.Name, StringComparer.Ordinal)
            .Select(l => $"{l.Name}\u0001{l.Value}"));

    private static string Line((string Name, (string Name, string Value)[] Labels) series) =>
        $"{series.Name}{{{string.Join(',', series.Labels.Select(l => $"{l.Name}=\"{Escaped(l.Value)}\""))}}} 1\n";

    private static string Escaped(string value) => value.Replace("\\", "\\\\", StringComparison.Ordinal)
        .Replace("\n", "\\n", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal);
}
