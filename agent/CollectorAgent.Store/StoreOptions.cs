namespace CollectorAgent.Store;

/// <summary>Where the store finds its files.</summary>
/// <param name="Folder">The live store's folder; made where it is missing.</param>
public sealed record StoreOptions(string Folder)
{
    /// <summary>Folder of the archives that an owner goes on with whose file cannot be used; null where there are none.</summary>
    public string? Archives { get; init; }

    /// <summary>Under which the host is archived.</summary>
    public string HostUuid { get; init; } = "";

    /// <summary>Which run of the machine this is; the kernel knows where nothing is said.</summary>
    public Guid? Boot { get; init; }
}
