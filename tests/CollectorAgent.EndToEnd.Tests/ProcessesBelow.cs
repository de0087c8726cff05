using System.Globalization;

namespace CollectorAgent.EndToEnd.Tests;

/// <summary>Processes of trials.</summary>
internal static class ProcessesBelow
{
    /// <summary>Processes whose command line or environment speaks of a folder below this one.</summary>
    public static IEnumerable<int> Of(string path)
    {
        foreach (string process in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(process), CultureInfo.InvariantCulture, out int pid)
                && (Text(process, "cmdline") + Text(process, "environ")).Contains(path + "/", StringComparison.Ordinal))
            {
                yield return pid;
            }
        }
    }

    /// <summary>A file of a process; empty where it has ended.</summary>
    public static string Text(string process, string file)
    {
        try
        {
            return File.ReadAllText(Path.Combine(process, file));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It has ended.
            return "";
        }
    }
}
