using System.Runtime.CompilerServices;
using System.Xml.Linq;

namespace CollectorAgent.Architecture.Tests;

/// <summary>The files of the project, as they lie in the folder this test was built from.</summary>
internal static class Repository
{
    private static readonly string[] NoRooms = ["sdk/samples/", "sdk/templates/"];

    public static string Root { get; } = FindRoot();

    /// <summary>All project files but those of the tests, and those that show authors how it is done.</summary>
    public static IEnumerable<Room> Rooms =>
        new[] { "agent", "sdk", "plugins", "toolstack" }
            .Select(f => Path.Combine(Root, f))
            .Where(Directory.Exists)
            .SelectMany(f => Directory.EnumerateFiles(f, "*.csproj", SearchOption.AllDirectories))
            .Where(p => !NoRooms.Any(f => p.StartsWith(Path.Combine(Root, f), StringComparison.Ordinal)))
            .Select(p => new Room(p));

    /// <summary>The source files of the room in a folder, without those of a room inside of it.</summary>
    public static IEnumerable<string> SourceFiles(string folder) =>
        Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories)
            .Where(file => !Rooms.Any(room => room.Folder.StartsWith(folder + "/", StringComparison.Ordinal)
                && file.StartsWith(room.Folder + "/", StringComparison.Ordinal)));

    private static string FindRoot([CallerFilePath] string thisFile = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(thisFile)!, "..", ".."));
}

/// <summary>One project: a room of the house.</summary>
internal sealed record Room(string ProjectFile)
{
    public string Name => Path.GetFileNameWithoutExtension(ProjectFile);

    public string Folder => Path.GetDirectoryName(ProjectFile)!;

    /// <summary>Rooms this one uses. One that is only built before it, such as a plugin, is not used.</summary>
    public IEnumerable<string> References => XDocument.Load(ProjectFile)
        .Descendants("ProjectReference")
        .Where(r => (string?)r.Attribute("ReferenceOutputAssembly") != "false")
        .Select(r => Path.GetFileNameWithoutExtension(((string)r.Attribute("Include")!).Replace('\\', '/')));
}
