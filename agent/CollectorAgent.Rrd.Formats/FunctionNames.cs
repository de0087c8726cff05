using System.Diagnostics;

namespace CollectorAgent.Rrd.Formats;

/// <summary>Consolidation functions and types as documents spell them.</summary>
public static class FunctionNames
{
    /// <summary>The name in upper case.</summary>
    public static string Name(this ConsolidationFunction function) => function switch
    {
        ConsolidationFunction.Average => "AVERAGE",
        ConsolidationFunction.Min => "MIN",
        ConsolidationFunction.Max => "MAX",
        ConsolidationFunction.Last => "LAST",
        _ => throw new UnreachableException(),
    };

    /// <summary>Reads a name in upper case; null where it is none.</summary>
    public static ConsolidationFunction? ParseFunction(string? name) => name switch
    {
        "AVERAGE" => ConsolidationFunction.Average,
        "MIN" => ConsolidationFunction.Min,
        "MAX" => ConsolidationFunction.Max,
        "LAST" => ConsolidationFunction.Last,
        _ => null,
    };

    /// <summary>Those of rrdtool that have no meaning here, see rrdcreate(1).</summary>
    internal static bool IsForecast(string name) =>
        name is "HWPREDICT" or "MHWPREDICT" or "SEASONAL" or "DEVSEASONAL" or "DEVPREDICT" or "FAILURES";

    internal static string Name(this DataSourceType type) => type switch
    {
        DataSourceType.Gauge => "GAUGE",
        DataSourceType.Absolute => "ABSOLUTE",
        DataSourceType.Derive => "DERIVE",
        DataSourceType.Counter => "COUNTER",
        _ => throw new UnreachableException(),
    };

    internal static DataSourceType? ParseType(string name) => name switch
    {
        "GAUGE" => DataSourceType.Gauge,
        "ABSOLUTE" => DataSourceType.Absolute,
        "DERIVE" => DataSourceType.Derive,
        "COUNTER" => DataSourceType.Counter,
        _ => null,
    };
}
