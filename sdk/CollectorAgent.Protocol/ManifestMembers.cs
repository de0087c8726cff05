using System.Text.Json;

namespace CollectorAgent.Protocol;

/// <summary>The members of one object in a manifest, each taken once.</summary>
internal sealed class ManifestMembers
{
    private const int MaxListLength = 256;
    private const int MaxTextLength = 4096;

    // Members that begin so belong to whoever wrote the manifest.
    private const string Private = "x-";

    private readonly string _place;
    private readonly Dictionary<string, JsonElement> _members = [];

    /// <param name="place">Where the object is, for messages; empty for the whole manifest.</param>
    /// <exception cref="PluginManifestException">It is no object, or has a member twice.</exception>
    public ManifestMembers(string place, JsonElement element)
    {
        _place = place;
        if (element.ValueKind != JsonValueKind.Object)
        {
            throw new PluginManifestException(place.Length == 0 ? "the manifest is no JSON object" : $"'{place}' is no JSON object");
        }
        foreach (var member in element.EnumerateObject())
        {
            if (!_members.TryAdd(member.Name, member.Value))
            {
                throw new PluginManifestException($"'{Named(member.Name)}' is there twice");
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
        throw Wrong(name, $"is none of {string.Join(", ", words)}");
    }

    /// <summary>An object within; null where there is none.</summary>
    public ManifestMembers? Object(string name) => Take(name) is { } value ? new ManifestMembers(Named(name), value) : null;

    /// <summary>A list of objects; empty where there is none.</summary>
    public IEnumerable<ManifestMembers> Objects(string name) =>
        Take(name) is { } value ? List(name, value).Select(e => new ManifestMembers(Named(name), e)) : [];

    /// <summary>Takes a member whatever it is.</summary>
    public JsonElement? Take(string name) => _members.Remove(name, out var value) ? value : null;

    /// <summary>Says that nothing else may be there.</summary>
    /// <exception cref="PluginManifestException">Something is.</exception>
    public void Done()
    {
        if (_members.Keys.FirstOrDefault(m => !m.StartsWith(Private, StringComparison.Ordinal)) is { } unknown)
        {
            throw new PluginManifestException($"'{Named(unknown)}' is not known here; members of your own begin with {Private}");
        }
    }

    /// <summary>The failure to tell where a member is missing.</summary>
    public PluginManifestException Missing(string name) => Wrong(name, "is missing");

    private string Text(string name, JsonElement value) =>
        value.ValueKind == JsonValueKind.String && value.GetString() is { Length: <= MaxTextLength } text && !text.Contains('\0')
            ? text
            : throw Wrong(name, $"is no text of at most {MaxTextLength} characters");

    private JsonElement.ArrayEnumerator List(string name, JsonElement value) =>
        value.ValueKind == JsonValueKind.Array && value.GetArrayLength() <= MaxListLength
            ? value.EnumerateArray()
            : throw Wrong(name, $"is no list of at most {MaxListLength} entries");

    private PluginManifestException Wrong(string name, string what) => new($"'{Named(name)}' {what}");

    private string Named(string name) => _place.Length == 0 ? name : $"{_place}.{name}";
}
