using System.Globalization;
using System.Text.Json.Nodes;

namespace CollectorAgent.EndToEnd.Tests;

/// <summary>What was recorded in the last minutes, of all owners.</summary>
internal static class Updates
{
    public const string Path = "/rrd_updates?start=-120&host=true&sr_uuid=all&json";

    /// <summary>Values that are known, newest first.</summary>
    /// <param name="column">End of the name in the legend, from the colon on or from the owner on.</param>
    public static double[] Known(JsonNode updates, string column) => [.. All(updates, column).Where(v => !double.IsNaN(v))];

    /// <summary>All values since the first that is known, newest first. A machine that is busy makes ticks late, and loses none of them.</summary>
    /// <inheritdoc cref="Known"/>
    public static double[] SinceFirstKnown(JsonNode updates, string column) => [.. All(updates, column).Reverse().SkipWhile(double.IsNaN).Reverse()];

    private static double[] All(JsonNode updates, string column)
    {
        int place = updates["meta"]!["legend"]!.AsArray().Select(e => (string)e!).ToList().FindIndex(e => e.EndsWith(":" + column, StringComparison.Ordinal));
        return place < 0 ? [] : [.. updates["data"]!.AsArray().Select(r => double.Parse((string)r!["values"]![place]!, CultureInfo.InvariantCulture))];
    }
}
