namespace CollectorAgent.Store;

/// <summary>What an RRD describes.</summary>
public enum RrdOwnerKind
{
    Host,
    Vm,
    Sr,
}

/// <summary>Whose history an RRD is.</summary>
/// <param name="Uuid">Empty for the host; it can stand in a file name.</param>
public readonly record struct RrdOwner(RrdOwnerKind Kind, string Uuid)
{
    public static RrdOwner Host { get; } = new(RrdOwnerKind.Host, "");

    /// <summary>The name of its files: <c>host</c>, <c>vm-UUID</c>, <c>sr-UUID</c>.</summary>
    public string FileName => Kind switch
    {
        RrdOwnerKind.Vm => "vm-" + Uuid,
        RrdOwnerKind.Sr => "sr-" + Uuid,
        _ => "host",
    };

    /// <summary>The owner that <see cref="FileName"/> names, or null.</summary>
    public static RrdOwner? Parse(string fileName) =>
        fileName == "host" ? Host
        : fileName.StartsWith("vm-", StringComparison.Ordinal) ? new RrdOwner(RrdOwnerKind.Vm, fileName[3..])
        : fileName.StartsWith("sr-", StringComparison.Ordinal) ? new RrdOwner(RrdOwnerKind.Sr, fileName[3..])
        : null;
}
