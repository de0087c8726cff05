namespace CollectorAgent.Architecture.Tests;

/// <summary>Holds the projects against the table of rooms in docs/architecture.md.</summary>
public sealed class RoomTests
{
    private const string Prefix = "CollectorAgent";

    private static readonly string[] AgentRooms =
        ["Rrd", "Rrd.Formats", "Store", "Sampling", "Plugins", "Peers", "Hooks", "Rpc", "Http", "Forwarding", "Daemon"];

    private static readonly Dictionary<string, string[]> MayReference = new()
    {
        ["Rrd"] = [],
        ["Protocol"] = [],
        ["Native"] = [],
        ["Rrd.Formats"] = ["Rrd"],
        ["Sdk"] = ["Protocol", "Native"],
        ["HostPlugin"] = ["Sdk", "Protocol"],
        ["PluginHost"] = ["Sdk", "Protocol", "Native"],
        ["Storage"] = ["Native"],
        ["LvmSrPlugin"] = ["Sdk", "Protocol", "Storage"],
        ["PhysicalUtilisationPlugin"] = ["Sdk", "Protocol", "Storage", "Native"],
        ["XenPlugin"] = ["Sdk", "Protocol", "Native", "XenPlugin.Native"],
        ["XenPlugin.Native"] = ["Native"],
        ["Store"] = ["Rrd", "Rrd.Formats", "Native"],
        ["Sampling"] = ["Rrd", "Protocol", "Store"],
        ["Plugins"] = ["Protocol", "Native"],
        ["Http"] = ["Hooks", "Store", "Sampling", "Plugins", "Rrd.Formats", "Protocol", "Native"],
        ["Peers"] = ["Native"],
        ["Hooks"] = ["Rrd", "Rrd.Formats", "Store", "Sampling", "Protocol", "Native"],
        ["Rpc"] = ["Hooks", "Store", "Sampling", "Plugins", "Rrd.Formats", "Protocol"],
        ["Cli"] = ["Protocol", "Native", "Sdk", "Rrd.Formats"],
        ["Forwarding"] = ["Native"],
        ["Daemon"] = ["Native"],
        [""] = [.. AgentRooms, "Protocol", "Native"],
    };

    public static TheoryData<string> RoomNames => [.. Repository.Rooms.Select(r => r.Name)];

    [Theory]
    [MemberData(nameof(RoomNames))]
    public void Room_references_what_the_table_allows(string name)
    {
        var room = Repository.Rooms.Single(r => r.Name == name);

        Assert.True(MayReference.TryGetValue(Short(name), out string[]? allowed), $"{name} is missing in the table of rooms");
        Assert.Empty(room.References.Select(Short).Except(allowed!));
    }

    [Theory]
    [MemberData(nameof(RoomNames))]
    public void Only_native_rooms_may_be_unsafe(string name)
    {
        var room = Repository.Rooms.Single(r => r.Name == name);
        if (name.EndsWith(".Native", StringComparison.Ordinal))
        {
            return;
        }

        Assert.DoesNotContain("AllowUnsafeBlocks", File.ReadAllText(room.ProjectFile), StringComparison.Ordinal);
        Assert.Empty(Repository.SourceFiles(room.Folder).Where(f => File.ReadAllText(f).Contains("LibraryImport", StringComparison.Ordinal)
            || File.ReadAllText(f).Contains("DllImport", StringComparison.Ordinal)));
    }

    [Theory]
    [MemberData(nameof(RoomNames))]
    public void Files_of_a_room_have_its_namespace(string name)
    {
        var room = Repository.Rooms.Single(r => r.Name == name);

        var strangers = Repository.SourceFiles(room.Folder)
            .Where(f => Path.GetFileName(f) != "Program.cs")
            .Where(f => !File.ReadLines(f).Any(l => l == $"namespace {name};" || l.StartsWith($"namespace {name}.", StringComparison.Ordinal)));

        Assert.Empty(strangers);
    }

    [Fact]
    public void Table_names_no_room_that_is_not_there()
    {
        Assert.Empty(MayReference.Keys.Except(Repository.Rooms.Select(r => Short(r.Name))));
    }

    [Fact]
    public void Pure_rooms_use_no_clock_no_files_and_no_log()
    {
        string[] forbidden = ["System.IO.File", "File.", "Directory.", "ILogger", "TimeProvider"];
        var pure = Repository.Rooms.Where(r => Short(r.Name) is "Rrd" or "Rrd.Formats");

        var offenders = pure.SelectMany(r => Repository.SourceFiles(r.Folder))
            .Where(f => forbidden.Any(w => File.ReadAllText(f).Contains(w, StringComparison.Ordinal)));

        Assert.Empty(offenders);
    }

    private static string Short(string project) => project == Prefix ? "" : project[(Prefix.Length + 1)..];
}
