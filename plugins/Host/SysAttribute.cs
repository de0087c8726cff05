using System.Globalization;

namespace CollectorAgent.HostPlugin;

/// <summary>Small files of sysfs, read rarely: when devices come or go and once a minute.</summary>
internal static class SysAttribute
{
    /// <summary>The text without its line feed; null where there is none, or the device has gone meanwhile.</summary>
    public static string? Read(string path)
    {
        try
        {
            return File.ReadAllText(path).Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>A decimal or, with 0x before it, hexadecimal number; null where there is none.</summary>
    public static long? ReadNumber(string path)
    {
        string text = Read(path) ?? "";
        bool isNumber = text.StartsWith("0x", StringComparison.Ordinal)
            ? long.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out long number)
            : long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number);
        return isNumber ? number : null;
    }
}
