using System.Globalization;
using System.Text;

namespace CollectorAgent.Protocol;

/// <summary>Characters that nobody sees: two names that differ by them alone look the same.</summary>
public static class InvisibleText
{
    // Fillers and blank patterns: letters and symbols to Unicode, nothing to the eye.
    private static readonly int[] BlankLetters = [0x034f, 0x115f, 0x1160, 0x17b4, 0x17b5, 0x2800, 0x3164, 0xffa0];

    /// <summary>The first character of a text that nobody sees, as people look it up, as <c>U+200B</c>; null where there is none.</summary>
    public static string? Find(string text)
    {
        foreach (var rune in text.EnumerateRunes())
        {
            if (IsInvisible(rune))
            {
                return string.Create(CultureInfo.InvariantCulture, $"U+{rune.Value:X4}");
            }
        }
        return null;
    }

    private static bool IsInvisible(Rune rune) => !rune.IsAscii && (Rune.GetUnicodeCategory(rune) is
        UnicodeCategory.Format or UnicodeCategory.SpaceSeparator or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
        || rune.Value is (>= 0xfe00 and <= 0xfe0f) or (>= 0x180b and <= 0x180f) or (>= 0xe0000 and <= 0xe0fff)
        || BlankLetters.Contains(rune.Value));
}
