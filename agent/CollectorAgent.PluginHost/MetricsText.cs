using CollectorAgent.Protocol;

namespace CollectorAgent.PluginHost;

/// <summary>Tells OpenMetrics from lines.</summary>
internal static class MetricsText
{
    /// <summary>Whether the first line that is not empty describes a family, or a line has labels.</summary>
    public static bool IsLikely(ReadOnlySpan<byte> block)
    {
        bool isFirst = true;
        foreach (var range in block.Split((byte)'\n'))
        {
            var line = Utf8Mark.Skip(block[range]).Trim(" \t\r"u8);
            if (line.IsEmpty)
            {
                continue;
            }
            if (line[0] != '#' ? line.Contains((byte)'{') : isFirst && DescribesFamily(line))
            {
                return true;
            }
            isFirst = false;
        }
        return false;
    }

    private static bool DescribesFamily(ReadOnlySpan<byte> line) =>
        line.StartsWith("# TYPE "u8) || line.StartsWith("# HELP "u8) || line.StartsWith("# UNIT "u8);
}
