namespace CollectorAgent.Native;

/// <summary>What a child process is started with.</summary>
/// <param name="Program">A path, or a name that is looked for in the PATH of this process.</param>
/// <param name="Arguments">Without the program's own name.</param>
public sealed record ChildStart(string Program, IReadOnlyList<string> Arguments)
{
    /// <summary>The folder in which it works; null for that of this process.</summary>
    public string? Folder { get; init; }

    /// <summary>Its whole environment; null for that of this process.</summary>
    public IReadOnlyDictionary<string, string>? Environment { get; init; }

    /// <summary>Whether it leads a session and a process group of its own.</summary>
    public bool LeadsSession { get; init; }

    /// <summary>Whether its standard input is a pipe; else that of this process.</summary>
    public bool HasInput { get; init; }

    /// <summary>Whether its standard output is a pipe; else that of this process.</summary>
    public bool HasOutput { get; init; }

    /// <summary>Whether its standard error is a pipe; else that of this process.</summary>
    public bool HasErrors { get; init; }

    /// <summary>Its limit of file locks, which says nothing to Linux since 2.4.25 but is handed down to every descendant, whatever session
    /// or environment that gives itself: by this number descendants are found. 0 for the limit of this process.</summary>
    public long FileLockLimit { get; init; }
}
