using System.Runtime.CompilerServices;

namespace CollectorAgent.EndToEnd.Tests;

/// <summary>Files that tests share.</summary>
internal static class Fixtures
{
    public static string Path(string name, [CallerFilePath] string thisFile = "") =>
        System.IO.Path.GetFullPath(System.IO.Path.Combine(System.IO.Path.GetDirectoryName(thisFile)!, "..", "fixtures", name));
}
