using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using CollectorAgent.Protocol;
using CollectorAgent.Rrd;
using CollectorAgent.Rrd.Formats;

namespace CollectorAgent.Cli;

/// <summary>The options that several verbs have in common.</summary>
internal static class RowOptions
{
    /// <summary>Nearly all that there is of the finest rows. Ten minutes would be all of it while the newest sample is from a moment behind the
    /// newest row, and rows of a minute where it is not.</summary>
    public const long DefaultStart = -595;

    private const string All = "all";

    private const string OwnerName = "--owner";

    /// <summary>Null is all.</summary>
    public static Option<Owner?> Owner() => new(OwnerName)
    {
        Description = "Whose values: host, vm UUID, sr UUID, or all. Default: all.",
        HelpName = "OWNER",
        CustomParser = ParseOwner,
    };

    /// <summary>Makes one word of the two that name a VM or an SR: an option takes one.</summary>
    public static IReadOnlyList<string> JoinOwners(IReadOnlyList<string> words)
    {
        var joined = new List<string>();
        for (int i = 0; i < words.Count; i++)
        {
            bool hasUuid = i + 1 < words.Count && !words[i + 1].StartsWith('-');
            bool isKind = i > 0 && words[i - 1] == OwnerName && words[i].ToLowerInvariant() is ("vm" or "sr");
            joined.Add(isKind && hasUuid ? $"{words[i]} {words[++i]}" : words[i]);
        }
        return joined;
    }

    public static Option<long> Start() => new("--start")
    {
        Description = $"First row: Unix seconds or, negative, seconds before the newest row. Default: {DefaultStart.ToString(CultureInfo.InvariantCulture)}.",
        HelpName = "SECONDS",
        DefaultValueFactory = _ => DefaultStart,
        CustomParser = result => Whole(result, -Rows.MaxTime, Rows.MaxTime),
    };

    public static Option<long> Interval() => new("--interval")
    {
        Description = "Smallest spacing of rows. Default: the finest that reaches back to the start.",
        HelpName = "SECONDS",
        CustomParser = result => Whole(result, 0, int.MaxValue),
    };

    public static Option<ConsolidationFunction> Function() => new("--cf")
    {
        Description = $"How rows are consolidated: {FunctionList}. Default: AVERAGE.",
        HelpName = "CF",
        CustomParser = result =>
        {
            string text = result.Tokens[0].Value;
            if (FunctionNames.ParseFunction(text.ToUpperInvariant()) is { } function)
            {
                return function;
            }
            result.AddError($"--cf: '{text}' is none of {FunctionList}.");
            return default;
        },
    };

    private static string FunctionList => string.Join(", ", Enum.GetValues<ConsolidationFunction>().Select(f => f.Name()));

    public static Option<bool> Json(string description) => new("--json") { Description = description };

    /// <summary>A whole number within bounds; adds the error where it is none.</summary>
    public static long Whole(ArgumentResult result, long min, long max)
    {
        string text = result.Tokens[0].Value;
        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value) && value >= min && value <= max)
        {
            return value;
        }
        string bounds = min < 0 ? "" : string.Create(CultureInfo.InvariantCulture, $" of {min} or more");
        result.AddError($"{NameOf(result)}: '{text}' is no whole number{bounds}.");
        return 0;
    }

    /// <summary>Reads an owner; null is all. Adds the error where it is none.</summary>
    public static Owner? ParseOwner(ArgumentResult result)
    {
        string text = string.Join(' ', result.Tokens.Select(t => t.Value));
        if (text == All)
        {
            return null;
        }
        // As legends spell it.
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        if (Protocol.Owner.TryParse(colon == 2 ? $"{text[..2]} {text[3..]}" : text, out var owner))
        {
            return owner;
        }
        result.AddError($"{NameOf(result)}: '{text}' is no owner: host, vm UUID, sr UUID, or all.");
        return null;
    }

    private static string NameOf(ArgumentResult result) => result.Parent is OptionResult option ? option.Option.Name : result.Argument.Name;
}
