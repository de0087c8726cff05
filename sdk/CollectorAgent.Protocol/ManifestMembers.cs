using System.Globalization;
using System.Text.Json;

namespace CollectorAgent.Protocol;

/// <summary>The members of one object in a manifest, each taken once.</summary>
internal sealed class ManifestMembers
{
    private const int MaxListLength = 256;
    private const int MaxTextLength = 4096;

    // Members that begin so belong to whoever wrote the manifest.
    private const string Private = "x-";

    private const int MostSlips = 2;

    private readonly string _place;
    private readonly ManifestLines _lines;
    private readonly Dictionary<string, JsonElement> _members = [];
    private readonly List<string> _known = [];

    /// <param name="place">Where the object is, for messages; empty for the whole manifest.</param>
    /// <param name="lines">Of the whole manifest.</param>
    /// <exception cref="PluginManifestException">It is no object, or has a member twice.</exception>
    public ManifestMembers(string place, JsonElement element, ManifestLines lines)
    {
        _place = place;
        _lines = lines;
        if (element.ValueKind != JsonValueKind.Object)
        {
            throw new PluginManifestException(place.Length == 0 ? "the manifest is no JSON object" : $"'{place}' is no JSON object");
        }
        foreach (var member in element.EnumerateObject())
        {
            if (!_members.TryAdd(member.Name, member.Value))
            {
                throw Wrong(member.Name, "is there twice");
            }
        }
    }

    /// <summary>A text; null where there is none.</summary>
    public string? Text(string name) => Take(name) is { } value ? Text(name, value) : null;

    /// <summary>A list of texts; null where there is none.</summary>
    public IReadOnlyList<string>? Texts(string name) =>
        Take(name) is { } value ? [.. List(name, value).Select(e => Text(name, e))] : null;

    /// <summary>A number in a range; null where there is none.</summary>
    public double? Number(string name, double least, double most)
    {
        if (Take(name) is not { } value)
        {
            return null;
        }
        return value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out double number) && number >= least && number <= most
            ? number
            : throw Wrong(name, FormattableString.Invariant($"is no number from {least} to {most}"));
    }

    /// <summary>A whole number in a range; null where there is none.</summary>
    public long? Whole(string name, long least, long most)
    {
        if (Take(name) is not { } value)
        {
            return null;
        }
        return value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out long number) && number >= least && number <= most
            ? number
            : throw Wrong(name, FormattableString.Invariant($"is no whole number from {least} to {most}"));
    }

    /// <summary>One of some words.</summary>
    public T Choice<T>(string name, T standard, params ReadOnlySpan<(string Word, T Value)> choices)
    {
        if (Text(name) is not { } text)
        {
            return standard;
        }
        var words = new List<string>();
        foreach (var (word, value) in choices)
        {
            if (word == text)
            {
                return value;
            }
            words.Add(word);
        }
        throw Wrong(name, $"is not one of {string.Join(", ", words)}");
    }

    /// <summary>An object within; null where there is none.</summary>
    public ManifestMembers? Object(string name) => Take(name) is { } value ? new ManifestMembers(Named(name), value, _lines) : null;

    /// <summary>A list of objects; empty where there is none.</summary>
    public IEnumerable<ManifestMembers> Objects(string name) =>
        Take(name) is { } value ? List(name, value).Select(e => new ManifestMembers(Named(name), e, _lines)) : [];

    /// <summary>Takes a member whatever it is.</summary>
    public JsonElement? Take(string name)
    {
        _known.Add(name);
        return _members.Remove(name, out var value) ? value : null;
    }

    /// <summary>Says that nothing else may be there.</summary>
    /// <exception cref="PluginManifestException">Something is.</exception>
    public void Done()
    {
        if (_members.Keys.FirstOrDefault(m => !m.StartsWith(Private, StringComparison.Ordinal)) is { } unknown)
        {
            string? near = _known.FirstOrDefault(
                k => Slips(unknown, k) <= MostSlips || k.StartsWith(unknown + "_", StringComparison.Ordinal));
            string advice = near is null ? $"members of your own begin with {Private}" : $"did you mean '{near}'?";
            throw Wrong(unknown, $"is not known here; {advice}");
        }
    }

    /// <summary>The failure to tell where a member is missing.</summary>
    public PluginManifestException Missing(string name) => Wrong(name, "is missing");

    private string Text(string name, JsonElement value) =>
        value.ValueKind == JsonValueKind.String && String(name, value) is { Length: <= MaxTextLength } text && !text.Contains('\0')
            ? text
            : throw Wrong(name, $"is no text of at most {MaxTextLength} characters");

    private string String(string name, JsonElement value)
    {
        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw Wrong(name, "has half of a character, as \\ud800 without the \\udc00 that belongs to it");
        }
    }

    private JsonElement.ArrayEnumerator List(string name, JsonElement value) =>
        value.ValueKind == JsonValueKind.Array && value.GetArrayLength() <= MaxListLength
            ? value.EnumerateArray()
            : throw Wrong(name, $"is no list of at most {MaxListLength} entries");

    private PluginManifestException Wrong(string name, string what)
    {
        int line = _lines.Of(_place, name);
        return new($"{(line > 0 ? string.Create(CultureInfo.InvariantCulture, $"line {line}: ") : "")}'{Named(name)}' {what}");
    }

    /// <summary>How many letters are left out, put in or replaced; two that changed places are two.</summary>
    private static int Slips(string from, string to)
    {
        if (Math.Abs(from.Length - to.Length) > MostSlips)
        {
            return MostSlips + 1;
        }
        int[] row = [.. Enumerable.Range(0, to.Length + 1)];
        for (int i = 1; i <= from.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= to.Length; j++)
            {
                int replaced = diagonal + (char.ToLowerInvariant(from[i - 1]) == to[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, Math.Min(row[j], row[j - 1]) + 1);
            }
        }
        return row[^1];
    }

    private string Named(string name) => _place.Length == 0 ? name : $"{_place}.{name}";
}
