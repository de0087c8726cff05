using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace CollectorAgent.Protocol;

/// <summary>Makes data sources of metrics, one reading after the other, and takes from the reading before what is the same.</summary>
internal sealed class MetricSources
{
    /// <summary>More families are refused.</summary>
    public const int MaxFamilies = PageReader.MaxSources;

    private static readonly string NameTooLong =
        string.Create(CultureInfo.InvariantCulture, $"its name is longer than {ReportedSource.MaxNameLength} characters");

    private static readonly string TooManyLabels =
        string.Create(CultureInfo.InvariantCulture, $"it has more than {SeriesLabels.MaxLabels} labels, or more than {SeriesLabels.MaxBytes} bytes of them");

    private static readonly string TooManySources = string.Create(CultureInfo.InvariantCulture, $"it is beyond {PageReader.MaxSources} data sources");

    private static readonly string HelpTooLong =
        string.Create(CultureInfo.InvariantCulture, $"its help is longer than {ReportedSource.MaxDescriptionLength} characters; only the help is left out");

    private static readonly string UnitTooLong =
        string.Create(CultureInfo.InvariantCulture, $"its unit is longer than {MaxUnitLength} characters; only the unit is left out");

    // A running total is kept per second, and says so in its unit.
    private const int MaxUnitLength = ReportedSource.MaxUnitsLength - 2;

    // In UTF-8, for each character of UTF-16; an escape takes two.
    private const int MaxBytesOfCharacter = 3;

    private readonly Dictionary<string, MetricFamily> _families = new(StringComparer.Ordinal);
    private readonly Dictionary<string, MetricFamily>.AlternateLookup<ReadOnlySpan<char>> _familyByName;
    private readonly LeftOutTexts _leftOut = new();
    private readonly char[] _text = new char[ReportedSource.MaxDescriptionLength];
    private readonly byte[] _unescaped = new byte[MaxBytesOfCharacter * ReportedSource.MaxDescriptionLength];
    private readonly List<ReportedSource> _new = [];
    private readonly HashSet<(Owner Owner, string Name)> _seen = [];
    private long[] _values = [];
    private ReportedSource[] _previous = [];
    private SharedTexts? _texts;
    private bool _isSame;
    private int _count;
    private int _familyCount;
    private long _reading;

    public MetricSources() => _familyByName = _families.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>The labels of the series that is added next.</summary>
    public SeriesLabels Labels { get; } = new();

    /// <summary>The values of the reading, in the order of its data sources: the bits of doubles.</summary>
    public ReadOnlySpan<long> Values => _values.AsSpan(0, _count);

    /// <param name="previous">The data sources of the last reading that was good.</param>
    public void Begin(ReportedSource[] previous)
    {
        ForgetFamilies();
        _previous = previous;
        _texts = null;
        _isSame = true;
        _count = 0;
        _familyCount = 0;
        _reading++;
        _new.Clear();
        _seen.Clear();
        _leftOut.Begin();
    }

    /// <summary>The data sources of the reading: those of the reading before where they are the same.</summary>
    public ReportedSource[] End(out string[] leftOut)
    {
        leftOut = _leftOut.End();
        var sources = _isSame ? _previous.AsSpan(0, _count) : CollectionsMarshal.AsSpan(_new);
        return sources.SequenceEqual(_previous) ? _previous : sources.ToArray();
    }

    /// <summary>Begins the next family.</summary>
    /// <returns>Nothing where its name is too long: it is left out.</returns>
    /// <exception cref="FormatException">The name is none, or the family was there before.</exception>
    public MetricFamily? BeginFamily(ReadOnlySpan<byte> name)
    {
        if (name.IsEmpty || MetricName.Length(name, mayHaveColon: true) != name.Length)
        {
            throw new FormatException($"'{Foreign.Shown(name)}' is no name of a metric");
        }
        Span<char> text = stackalloc char[ReportedSource.MaxNameLength];
        if (name.Length > text.Length)
        {
            _leftOut.Add("family", Foreign.Shown(name), NameTooLong);
            return null;
        }
        text = text[..Encoding.UTF8.GetChars(name, text)];
        if (!_familyByName.TryGetValue(text, out var family))
        {
            family = new MetricFamily(text.ToString());
            _families.Add(family.Name, family);
        }
        else if (family.Reading == _reading)
        {
            throw new FormatException($"family {family.Name} stands in two places");
        }
        if (++_familyCount > MaxFamilies)
        {
            throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"more than {MaxFamilies} families"));
        }
        family.Begin(_reading);
        return family;
    }

    /// <summary>Whether a family of that name, which is over, has a sample with that suffix.</summary>
    public bool HasMember(ReadOnlySpan<byte> name, ReadOnlySpan<byte> suffix)
    {
        Span<char> text = stackalloc char[ReportedSource.MaxNameLength];
        return name.Length <= text.Length
            && _familyByName.TryGetValue(text[..Encoding.UTF8.GetChars(name, text)], out var family)
            && family.Reading == _reading
            && family.MeaningOf(suffix) != SeriesMeaning.Stranger;
    }

    public void Describe(MetricFamily family, ReadOnlySpan<byte> help, bool isEscaped)
    {
        bool fits = TryText(help, isEscaped, ReportedSource.MaxDescriptionLength, out var text);
        family.SetDescription(text);
        if (!fits)
        {
            _leftOut.Add("family", family.Name, HelpTooLong);
        }
    }

    /// <summary>Whether a family has this help already.</summary>
    public bool IsDescribed(MetricFamily family, ReadOnlySpan<byte> help, bool isEscaped)
    {
        TryText(help, isEscaped, ReportedSource.MaxDescriptionLength, out var text);
        return text.SequenceEqual(family.Description);
    }

    /// <summary>Whether a family has this unit already.</summary>
    public bool HasUnits(MetricFamily family, ReadOnlySpan<byte> unit)
    {
        TryText(unit, isEscaped: false, MaxUnitLength, out var text);
        return text.SequenceEqual(family.Units);
    }

    public void SetUnits(MetricFamily family, ReadOnlySpan<byte> unit)
    {
        bool fits = TryText(unit, isEscaped: false, MaxUnitLength, out var text);
        family.SetUnits(text);
        if (!fits)
        {
            _leftOut.Add("family", family.Name, UnitTooLong);
        }
    }

    public void LeaveOut(MetricFamily family, string reason) => _leftOut.Add("family", family.Name, reason);

    /// <summary>Leaves out the series that <see cref="Labels"/> make.</summary>
    public void LeaveOut(MetricFamily family, ReadOnlySpan<byte> suffix, string reason) =>
        _leftOut.Add("series", Labels.MakeName(family.SourceName, suffix, out _), reason);

    /// <summary>Adds the series that <see cref="Labels"/> make, or says why not.</summary>
    /// <param name="suffix">What the name of the sample has behind that of the family.</param>
    public void Add(MetricFamily family, ReadOnlySpan<byte> suffix, double value)
    {
        var meaning = family.MeaningOf(suffix);
        bool isFirst = !family.HasSamples;
        family.BeginSamples();
        if (meaning == SeriesMeaning.Info && isFirst)
        {
            LeaveOut(family, "info has no number");
        }
        if (meaning is SeriesMeaning.Info or SeriesMeaning.Created)
        {
            return;
        }
        var needed = family.NeededLabel(suffix);
        var name = Labels.MakeName(family.SourceName, suffix, out bool fits);
        if (Labels.AreTooMany)
        {
            _leftOut.Add("series", name, TooManyLabels);
        }
        else if (!fits)
        {
            _leftOut.Add("series", name, NameTooLong);
        }
        else if (!needed.IsEmpty && !Labels.Has(needed))
        {
            _leftOut.Add("series", name, family.Type switch
            {
                MetricType.StateSet => "it lacks the label that names the state",
                MetricType.Summary => "it lacks the label quantile",
                _ => "it lacks the label le",
            });
        }
        else if (_count == PageReader.MaxSources)
        {
            _leftOut.Add("series", name, TooManySources);
        }
        else
        {
            Add(family, meaning, name, value);
        }
    }

    /// <summary>Forgets the families that the reading before did not have, be it good or not.</summary>
    private void ForgetFamilies()
    {
        if (_families.Count == _familyCount)
        {
            return;
        }
        foreach (var (name, family) in _families)
        {
            if (family.Reading != _reading)
            {
                _families.Remove(name);
            }
        }
    }

    private void Add(MetricFamily family, SeriesMeaning meaning, ReadOnlySpan<char> name, double value)
    {
        // OpenMetrics counters begin anew at 0 and never wrap: as a counter a restart would look like a wrap.
        bool isTotal = meaning is SeriesMeaning.Total or SeriesMeaning.Events;
        var type = isTotal ? ReportedType.Derive : ReportedType.Gauge;
        string units = meaning switch
        {
            SeriesMeaning.Value => family.Units,
            SeriesMeaning.Total => family.UnitsPerSecond,
            _ => "",
        };
        var likely = _count < _previous.Length ? _previous[_count] : null;
        bool isSame = likely is not null && name.SequenceEqual(likely.Name) && OwnerIs(likely.Owner)
            && likely.Type == type && likely.Units == units && likely.Description == family.Description;
        if (isSame && _isSame)
        {
            Put(value);
            return;
        }
        if (!TryOwner(out var owner))
        {
            _leftOut.Add("series", name, "its owner is neither host nor a vm or sr with a uuid");
            return;
        }
        if (_isSame)
        {
            _isSame = false;
            CollectionsMarshal.SetCount(_new, _count);
            _previous.AsSpan(0, _count).CopyTo(CollectionsMarshal.AsSpan(_new));
            _seen.UnionWith(_new.Select(s => (s.Owner, s.Name)));
        }
        string text = Texts.Get(name, likely?.Name ?? "");
        if (!_seen.Add((owner, text)))
        {
            _leftOut.Add("series", name, "it stands here twice; the first counts");
            return;
        }
        _new.Add(isSame ? likely! : new ReportedSource(text)
        {
            Owner = owner,
            Type = type,
            IsDefault = true,
            Units = units,
            Description = family.Description,
            Min = isTotal ? 0 : double.NegativeInfinity,
        });
        Put(value);
    }

    private SharedTexts Texts => _texts ??= new SharedTexts(_previous);

    private void Put(double value)
    {
        if (_count == _values.Length)
        {
            Array.Resize(ref _values, Math.Max(_previous.Length, 2 * _count + 16));
        }
        _values[_count++] = BitConverter.DoubleToInt64Bits(value);
    }

    /// <summary>Whether the label says that owner, spelled as this program spells it.</summary>
    private bool OwnerIs(Owner owner)
    {
        var text = Labels.Owner;
        return owner.Kind switch
        {
            OwnerKind.Host => text.IsEmpty || text.SequenceEqual("host"u8),
            OwnerKind.Vm => text.StartsWith("vm "u8) && Ascii.Equals(text[3..], owner.Uuid),
            _ => text.StartsWith("sr "u8) && Ascii.Equals(text[3..], owner.Uuid),
        };
    }

    private bool TryOwner(out Owner owner)
    {
        owner = Owner.Host;
        if (Labels.Owner.IsEmpty)
        {
            return true;
        }
        if (!Owner.TryParse(Encoding.UTF8.GetString(Labels.Owner), out owner))
        {
            return false;
        }
        owner = owner with { Uuid = Texts.Get(owner.Uuid, "") };
        return true;
    }

    private bool TryText(ReadOnlySpan<byte> utf8, bool isEscaped, int maxLength, out ReadOnlySpan<char> text)
    {
        text = default;
        // What is longer in bytes than a text can be is too long.
        if (utf8.Length > _unescaped.Length)
        {
            return false;
        }
        if (isEscaped)
        {
            utf8 = _unescaped.AsSpan(0, OpenMetricsText.Unescape(utf8, _unescaped));
        }
        if (Encoding.UTF8.GetCharCount(utf8) > maxLength)
        {
            return false;
        }
        text = _text.AsSpan(0, Encoding.UTF8.GetChars(utf8, _text));
        return true;
    }
}
