using System.Text;
using System.Text.RegularExpressions;

namespace CollectorAgent.Protocol.Tests;

public sealed partial class BareNumbersTests
{
    private const int Texts = 20_000;

    [Theory]
    [InlineData("", "")]
    [InlineData("NaN", "\"NaN\"")]
    [InlineData("-Infinity", "\"-Infinity\"")]
    [InlineData("[Infinity,-Infinity]", "[\"Infinity\",\"-Infinity\"]")]
    [InlineData("--Infinity", "-\"-Infinity\"")]
    [InlineData("-NaN", "-\"NaN\"")]
    [InlineData("NaNNaN", "\"NaN\"\"NaN\"")]
    [InlineData("NaInfinityN", "Na\"Infinity\"N")]
    [InlineData("\"NaN\"", "\"NaN\"")]
    [InlineData("\"\\\"NaN\",NaN", "\"\\\"NaN\",\"NaN\"")]
    [InlineData("\"\\\\\",NaN", "\"\\\\\",\"NaN\"")]
    [InlineData("NaN\"NaN", "\"NaN\"\"NaN")]
    [InlineData("NaN,\"\\", "\"NaN\",\"\\")]
    [InlineData("Infinit Na", "Infinit Na")]
    public void Bare_number_gets_quotes(string json, string quoted) => Assert.Equal(quoted, Quoted(json));

    [Fact]
    public void Any_text_is_quoted_as_a_pattern_says()
    {
        string[] pieces = ["NaN", "Infinity", "-Infinity", "-", "N", "Inf", "\"", "\\", "\\\"", ",", "a", "°"];
        var random = new Random(1);
        for (int i = 0; i < Texts; i++)
        {
            string json = string.Concat(Enumerable.Range(0, random.Next(12)).Select(_ => pieces[random.Next(pieces.Length)]));

            Assert.Equal(StringOrBare().Replace(json, m => m.Groups["bare"].Success ? $"\"{m.Value}\"" : m.Value), Quoted(json));
        }
    }

    private static string Quoted(string text)
    {
        byte[] json = Pages.Bytes(text);
        byte[] quoted = new byte[BareNumbers.QuotedLength(json)];
        BareNumbers.Quote(json, quoted);
        return Encoding.UTF8.GetString(quoted);
    }

    // A string to its end or that of the text, or a bare number.
    [GeneratedRegex(@"""(\\.|[^""\\])*(""|\\?$)|(?<bare>-?Infinity|NaN)", RegexOptions.Singleline)]
    private static partial Regex StringOrBare();
}
