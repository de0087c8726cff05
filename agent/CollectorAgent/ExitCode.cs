namespace CollectorAgent;

/// <summary>What the exit code says. Scripts depend on these numbers: none is ever given another meaning. See docs/operating.md.</summary>
internal static class ExitCode
{
    /// <summary>Stopped as asked.</summary>
    public const int Stopped = 0;

    /// <summary>It could not start; the message says why, and what to do.</summary>
    public const int CannotStart = 1;

    /// <summary>The command line asks for something that cannot be.</summary>
    public const int WrongOptions = 2;

    /// <summary>Something that it cannot do without has failed while it ran.</summary>
    public const int Failed = 3;
}
