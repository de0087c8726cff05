using System.Globalization;
using System.Text;
using CollectorAgent.Protocol;
using CollectorAgent.Sdk;

namespace CollectorAgent.PluginHost;

/// <summary>The values in a block of lines.</summary>
internal sealed class LineValues
{
    private const int MaxShown = 60;
    private const string RunningTotal = "_total";

    private static readonly char[] Blanks = [' ', '\t', '\r'];

    private readonly List<(ReportedSource Source, double Value)> _values = [];
    private readonly HashSet<(Owner Owner, string Name)> _seen = [];
    private readonly List<Complaint> _complaints = [];

    /// <summary>The lines that are no value.</summary>
    public IReadOnlyList<Complaint> Complaints => _complaints;

    public static LineValues Read(ReadOnlySpan<byte> block)
    {
        var values = new LineValues();
        int number = 0;
        foreach (var range in block.Split((byte)'\n'))
        {
            number++;
            values.ReadLine(Utf8Mark.Skip(block[range]), number);
        }
        return values;
    }

    public void Report(SampleBatch batch)
    {
        foreach (var (source, value) in _values)
        {
            batch.Report(source, value);
        }
    }

    private void ReadLine(ReadOnlySpan<byte> utf8, int number)
    {
        string line = Encoding.UTF8.GetString(utf8);
        string[] words = line.Split(Blanks, StringSplitOptions.RemoveEmptyEntries);
        if (words.Length == 0 || words[0][0] == '#')
        {
            return;
        }
        string? reason = System.Text.Unicode.Utf8.IsValid(utf8) ? Add(words) : "it is no UTF-8";
        if (reason is not null)
        {
            string shown = string.Concat(line.Take(MaxShown).Select(c => char.IsControl(c) ? '?' : c));
            _complaints.Add(new Complaint(
                string.Create(CultureInfo.InvariantCulture, $"{number} {reason}"),
                string.Create(CultureInfo.InvariantCulture, $"line {number}, '{shown}': {reason}")));
        }
    }

    /// <returns>What is wrong.</returns>
    private string? Add(string[] words)
    {
        string name = words[0];
        if (name.Length > ReportedSource.MaxNameLength || name.Contains(':') || name.Any(char.IsControl))
        {
            return $"a name has at most {ReportedSource.MaxNameLength} characters, none of them a colon or control character";
        }
        if (InvisibleText.Find(name) is { } hidden)
        {
            return $"the name has a character that nobody sees, {hidden}; take it out";
        }
        if (words.Length < 2 || !FloatText.TryParse(words[1], out double value))
        {
            return "behind the name there is no number";
        }
        string units = words.Length < 3 || words[2] == "-" ? "" : words[2];
        if (units.Length > ReportedSource.MaxUnitsLength || units.Any(char.IsControl))
        {
            return $"a unit has at most {ReportedSource.MaxUnitsLength} characters, none of them a control character";
        }
        if (InvisibleText.Find(units) is { } hiddenInUnits)
        {
            return $"the unit has a character that nobody sees, {hiddenInUnits}; take it out";
        }
        var owner = Owner.Host;
        if (words.Length > 3 && !Owner.TryParse(string.Join(' ', words[3..]), out owner))
        {
            return "behind the unit (- for none) there is neither host nor vm UUID nor sr UUID";
        }
        if (!_seen.Add((owner, name)))
        {
            return "the name stands there twice; the first counts";
        }
        bool isTotal = name.EndsWith(RunningTotal, StringComparison.Ordinal);
        _values.Add((
            new ReportedSource(name)
            {
                Owner = owner,
                Type = isTotal ? ReportedType.Derive : ReportedType.Gauge,
                IsDefault = true,
                Units = units,
                Min = isTotal ? 0 : double.NegativeInfinity,
            },
            value));
        return null;
    }
}
