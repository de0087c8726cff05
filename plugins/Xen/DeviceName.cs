using System.Globalization;

namespace CollectorAgent.XenPlugin;

/// <summary>Names of a word, a number, a separator and a number, such as vif3.0 and vbd-3-51712.</summary>
internal static class DeviceName
{
    public static bool TryParse(ReadOnlySpan<char> name, string word, char separator, out uint first, out uint second)
    {
        second = 0;
        return TryParse(name, word, out var rest, separator, out first)
            && uint.TryParse(rest, NumberStyles.None, CultureInfo.InvariantCulture, out second);
    }

    /// <summary>The number in names of a word and a number, such as td3-4711.</summary>
    public static bool TryParse(ReadOnlySpan<char> name, string word, out uint number)
    {
        number = 0;
        return name.StartsWith(word) && uint.TryParse(name[word.Length..], NumberStyles.None, CultureInfo.InvariantCulture, out number);
    }

    private static bool TryParse(ReadOnlySpan<char> name, string word, out ReadOnlySpan<char> rest, char separator, out uint first)
    {
        int end = name.StartsWith(word) ? name[word.Length..].IndexOf(separator) : -1;
        rest = end < 0 ? [] : name[(word.Length + end + 1)..];
        first = 0;
        return end >= 0 && uint.TryParse(name.Slice(word.Length, end), NumberStyles.None, CultureInfo.InvariantCulture, out first);
    }
}
