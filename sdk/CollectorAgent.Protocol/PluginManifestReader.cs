using System.Globalization;
using System.Text.Json;
using System.Text.Unicode;

namespace CollectorAgent.Protocol;

/// <summary>Reads one manifest, member by member; what is not known is refused, so that no limit is lost by a slip of the pen.</summary>
internal static class PluginManifestReader
{
    private const int MinMemoryBytes = 1 << 20;
    private const int MaxDepth = 8;
    private const double MostCpuSeconds = 1024 * 5;

    public static PluginManifest Read(ReadOnlyMemory<byte> json)
    {
        if (json.Length > PluginManifest.MaxBytes)
        {
            throw new PluginManifestException($"longer than {PluginManifest.MaxBytes} bytes");
        }
        json = json[^Utf8Mark.Skip(json.Span).Length..];
        if (!Utf8.IsValid(json.Span))
        {
            throw new PluginManifestException("it is not text in UTF-8; save it as such");
        }
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = MaxDepth });
            return Manifest(new ManifestMembers("", document.RootElement, new ManifestLines(json)));
        }
        catch (JsonException e)
        {
            throw new PluginManifestException(NoJson(e), e);
        }
        catch (InvalidOperationException e)
        {
            throw new PluginManifestException(
                "a name of a member has half of a character, as \\ud800 without the \\udc00 that belongs to it", e);
        }
    }

    /// <summary>What a parser says, in lines as editors count them.</summary>
    private static string NoJson(JsonException e)
    {
        string reason = e.Message.Split(" LineNumber:")[0].Split(" Path:")[0].TrimEnd('.');
        string place = e.LineNumber is { } line ? string.Create(CultureInfo.InvariantCulture, $"line {line + 1}: ") : "";
        return $"{place}no JSON: {reason}";
    }

    private static PluginManifest Manifest(ManifestMembers members)
    {
        members.Take("$schema");
        string? name = members.Text("name");
        string? executable = members.Text("executable");
        string? assembly = members.Text("assembly");
        bool isLines = members.Choice("output", false, ("page", false), ("lines", true));
        var pages = members.Texts("pages");
        var limits = members.Object("limits");
        var manifest = new PluginManifest(name ?? "", executable ?? assembly ?? "", Kind(assembly, isLines))
        {
            Version = members.Text("version") ?? "",
            Description = members.Text("description") ?? "",
            Arguments = members.Texts("arguments") ?? [],
            Pages = pages ?? [name ?? ""],
            Permit = Permit(members, limits),
            Capabilities = [.. members.Objects("capabilities").Select(Capability)],
            Limits = Limits(limits),
            User = members.Text("user"),
            Restart = members.Choice(
                "restart",
                PluginRestart.Always,
                ("always", PluginRestart.Always),
                ("on-failure", PluginRestart.OnFailure),
                ("never", PluginRestart.Never)),
        };
        limits?.Done();
        // Before what is missing is said: a misspelled name is the likely reason.
        members.Done();
        RequireName(name ?? throw members.Missing("name"));
        RequireEntry(executable, assembly, isLines);
        RequirePages(pages, name);
        return manifest;
    }

    private static PluginKind Kind(string? assembly, bool isLines) =>
        assembly is not null ? PluginKind.Assembly : isLines ? PluginKind.Lines : PluginKind.Executable;

    private static void RequireName(string name)
    {
        Require(PluginUid.IsValid(name), $"'name': {PluginUid.Rule}");
        Require(!PluginUid.IsOfAgent(name), $"'name': {OfAgent(name)}");
    }

    /// <summary>The one file the plugin is started by.</summary>
    private static void RequireEntry(string? executable, string? assembly, bool isLines)
    {
        Require(executable is null != assembly is null, "one of 'executable' and 'assembly' is needed, and not both");
        Require(assembly is null || !isLines, "'output': an assembly has no output; leave it out");
        string entry = (executable ?? assembly)!;
        Require(IsInside(entry), $"'{(assembly is null ? "executable" : "assembly")}': {entry} leads out of the folder; name a file inside it");
    }

    private static bool IsInside(string entry) =>
        entry.Length > 0 && !Path.IsPathRooted(entry) && !entry.Contains('\0') && !entry.Split('/').Contains("..");

    private static void RequirePages(IReadOnlyList<string>? pages, string name)
    {
        if (pages is null)
        {
            Require(PluginUid.IsPageName(name), $"'name': '{name}' cannot be the name of a page; choose another, or name the page in 'pages'");
            return;
        }
        foreach (string page in pages)
        {
            Require(PluginUid.IsPageName(page), $"'pages': '{page}' cannot be the name of a page; {PluginUid.Rule}");
            Require(!PluginUid.IsOfAgent(page), $"'pages': {OfAgent(page)}");
        }
    }

    private static string OfAgent(string uid) =>
        $"'{uid}' is reserved: the agent keeps {PluginUid.OfAgent}, and all that begins with {PluginUid.OfAgent}-, for its own pages; choose another";

    private static PagePermit Permit(ManifestMembers members, ManifestMembers? limits)
    {
        var owners = members.Texts("owners");
        foreach (string owner in owners ?? [])
        {
            Require(
                owner is "host" or "vm" or "sr" || Owner.TryParse(owner, out _),
                $"'owners': '{owner}' is not an owner; use host, vm, sr, 'vm UUID' or 'sr UUID'");
        }
        return new PagePermit(
            owners,
            members.Texts("data_sources"),
            (int)(limits?.Whole("data_sources", 1, PageReader.MaxSources) ?? PageReader.MaxSources),
            (int)(limits?.Whole("page_bytes", PageFormat.ValuesStart, PagePermit.MostPageBytes) ?? PagePermit.MostPageBytes));
    }

    private static PluginLimits Limits(ManifestMembers? limits)
    {
        var standard = new PluginLimits();
        return new PluginLimits(
            limits?.Number("cpu_seconds_per_tick", 0.001, MostCpuSeconds) ?? standard.CpuSecondsPerTick,
            limits?.Whole("memory_bytes", MinMemoryBytes, long.MaxValue) ?? standard.MemoryBytes);
    }

    private static PluginCapability Capability(ManifestMembers members)
    {
        string name = members.Text("name") ?? throw members.Missing("name");
        Require(
            name.Length is > 0 and <= PluginUid.MaxLength && name.All(c => char.IsAsciiLetterUpper(c) || char.IsAsciiDigit(c) || c == '_'),
            $"'capabilities': '{name}' is no name of capital letters, digits and underscores");
        var types = members.Texts("sr_types");
        Require(types is { Count: > 0 } || name != PluginCapability.SrStats, $"'capabilities': {name} needs 'sr_types', the types of SR it is for");
        Require(types is null || name == PluginCapability.SrStats, $"'capabilities': 'sr_types' belongs to {PluginCapability.SrStats}");
        foreach (string type in types ?? [])
        {
            Require(PluginUid.IsValid(type), $"'capabilities': '{type}' is no type of SR");
        }
        members.Done();
        return new PluginCapability(name, types ?? []);
    }

    private static void Require(bool condition, string otherwise)
    {
        if (!condition)
        {
            throw new PluginManifestException(otherwise);
        }
    }
}
