namespace CollectorAgent.Daemon;

/// <summary>What the descriptors of the process are for: readers never take those that recording needs.</summary>
/// <param name="Limit">How many the process may have open.</param>
public readonly record struct DescriptorBudget(long Limit)
{
    /// <summary>With fewer the agent does not start.</summary>
    public const int Fewest = 512;

    /// <summary>What the process itself has open, its libraries above all.</summary>
    public const int Base = 240;

    /// <summary>However many descriptors there are, this many connections are enough.</summary>
    public const int MostConnections = 8192;

    // The Unix socket's own part, at most.
    private const int MostKept = 512;

    private const int FilesOfPlugin = 3;

    // A plugin and a person's command.
    private const int FewestOfUser = 2;

    /// <summary>Connections of all listeners together: a quarter of what is free. Half is for pages, the last quarter for store and
    /// plugins.</summary>
    public int Connections => (int)Math.Min(MostConnections, (Limit - Base) / 4);

    /// <summary>Those of them that only connections of the Unix socket may take.</summary>
    public int KeptForSocket => Math.Min(MostKept, Connections / 4);

    /// <summary>How the connections are shared out.</summary>
    public ConnectionShares Shares => new(Connections, KeptForSocket, Math.Max(FewestOfUser, Connections / 8), Math.Max(1, Connections / 16));

    /// <summary>Pages of plugins that the agent does not run.</summary>
    /// <param name="most">However many descriptors there are.</param>
    public int Pages(int most) => (int)Math.Min(most, (Limit - Base) / 2);

    /// <summary>Plugins that the agent runs: an eighth of what is free, and each takes three for its streams.</summary>
    public int Plugins => (int)Math.Min(int.MaxValue, (Limit - Base) / 8 / FilesOfPlugin);

    /// <summary>Why the agent cannot start with so few; null where it can.</summary>
    public string? Shortage => Limit >= Fewest
        ? null
        : $"Only {Limit} files may be open at once, and the agent needs at least {Fewest}. "
            + "Raise the limit with 'ulimit -n' or LimitNOFILE= of systemd.";
}
