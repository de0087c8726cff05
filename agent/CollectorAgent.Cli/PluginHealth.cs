using System.Globalization;

namespace CollectorAgent.Cli;

/// <summary>How a plugin is doing, by its process and its pages together: one that runs and gives no sample is not well.</summary>
internal static class PluginHealth
{
    private const string Running = "running";
    private const string NoSample = "no sample";
    private const string NoValues = "no values";

    // As the agent says it of a data source.
    private const string NotPermitted = "the plugin's manifest does not permit it";

    /// <summary>The state of its process, or, where that runs, what is wrong with its pages.</summary>
    public static string State(ProcessEntry process, IReadOnlyList<PluginEntry> pages)
    {
        if (process.State != Running)
        {
            return process.State ?? "";
        }
        var own = Own(process, pages).ToList();
        return own.Any(p => p.State is "live" or "late" && Refused(p).Count() < p.DataSources) ? Running
            : own.Any(p => p.State is "live" or "late") ? NoValues
            : own.Select(p => p.State).FirstOrDefault(s => s is "silent" or "failing") ?? NoSample;
    }

    /// <summary>What is wrong with it; null where nothing is.</summary>
    /// <param name="pages">All that are read.</param>
    /// <param name="state">As <see cref="State"/> has it.</param>
    public static string? Trouble(ProcessEntry process, IReadOnlyList<PluginEntry> pages, string state, DateTimeOffset now)
    {
        if (state == Running)
        {
            return null;
        }
        if (state == NoValues && Own(process, pages).SelectMany(Refused).FirstOrDefault() is { } refused)
        {
            return $"its data sources are refused, as {refused}";
        }
        if (!string.IsNullOrEmpty(process.Reason))
        {
            return process.Reason;
        }
        string since = process.Started is { } started
            ? string.Create(
                CultureInfo.InvariantCulture, $", {Math.Max(0, (now - DateTimeOffset.UnixEpoch).TotalSeconds - started):0} s after its start")
            : "";
        return state switch
        {
            NoSample => $"no sample yet{since}; it has said nothing of why",
            NoValues => "its samples have no data sources",
            "silent" => "no new sample for three ticks; it has said nothing of why",
            "failing" => "its page cannot be read; the reason is below",
            _ => null,
        };
    }

    private static IEnumerable<PluginEntry> Own(ProcessEntry process, IReadOnlyList<PluginEntry> pages) =>
        pages.Where(p => process.Pages?.Contains(p.Uid ?? "") ?? false);

    /// <summary>What of a page is not recorded.</summary>
    private static IEnumerable<string> Refused(PluginEntry page) =>
        (page.Refused ?? []).Concat((page.LeftOut ?? []).Where(l => l.EndsWith(NotPermitted, StringComparison.Ordinal)));
}
