namespace CollectorAgent.Peers;

/// <summary>Text of another host or a caller, as it may stand in a message.</summary>
internal static class Foreign
{
    private const int MaxShown = 200;

    public static string Line(string text) =>
        string.Concat(text.Take(MaxShown).Select(c => char.IsControl(c) || char.IsSurrogate(c) ? '?' : c));
}
