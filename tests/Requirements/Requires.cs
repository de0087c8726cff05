namespace CollectorAgent.Requirements;

/// <summary>What a test needs of the machine it runs on. Compiled into every test project.</summary>
internal static class Requires
{
    // Where changes are judged nothing is skipped that could have been there: .ci/run says so.
    private static bool IsJudged => Environment.GetEnvironmentVariable("CI") == "true";

    /// <summary>Why a test is skipped without something that tests/run installs; null where it runs, and may fail.</summary>
    public static string? Installed(bool isThere, string what) =>
        isThere || IsJudged ? null : $"{what} is not installed; tests/run installs it";

    /// <summary>The same for a program, wherever the path leads to it.</summary>
    public static string? Program(string name)
    {
        string[] folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':');
        return Installed(folders.Any(folder => File.Exists(Path.Combine(folder, name))), name);
    }

    /// <summary>The same for the rights of root.</summary>
    public static string? Root() => Environment.IsPrivilegedProcess || IsJudged ? null : "this needs root";

    /// <summary>Why a test is skipped on a machine whose kernel does not let it run, which nobody can install; null where it
    /// does.</summary>
    public static string? Kernel(string device) => Path.Exists(device) ? null : $"this machine has no {device}";
}
