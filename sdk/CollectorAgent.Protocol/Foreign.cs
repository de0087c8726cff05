using System.Text;

namespace CollectorAgent.Protocol;

/// <summary>Foreign text as it may stand in a message: short, on one line.</summary>
internal static class Foreign
{
    private const int MaxShown = 64;

    public static string Shown(string text) =>
        string.Concat((text.Length > MaxShown ? text[..MaxShown] + "…" : text).Select(c => char.IsControl(c) ? '?' : c));

    public static string Shown(ReadOnlySpan<byte> utf8) => Shown(Encoding.UTF8.GetString(utf8[..Math.Min(utf8.Length, 4 * MaxShown)]));
}
