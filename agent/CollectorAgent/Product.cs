namespace CollectorAgent;

/// <summary>What this program is called and which one it is.</summary>
internal static class Product
{
    public static string Version { get; } = typeof(Product).Assembly.GetName().Version?.ToString(3) ?? "0";
}
