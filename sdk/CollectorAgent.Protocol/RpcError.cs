namespace CollectorAgent.Protocol;

/// <summary>The error variants that clients tell apart.</summary>
public static class RpcError
{
    /// <summary>An archive could not be written or sent.</summary>
    public const string ArchiveFailed = "Archive_failed";

    /// <summary>A page protocol, or a version of the socket's protocol, that does not exist.</summary>
    public const string InvalidProtocol = "Invalid_protocol";

    /// <summary>Anything else, wrong arguments included.</summary>
    public const string InternalError = "Rrdd_internal_error";

    /// <summary>No data source, VM or SR of that name.</summary>
    public const string DatasourceMissing = "Datasource_missing";

    /// <summary>No method of that name; in MessagePack-RPC only.</summary>
    public const string UnknownMethod = "Unknown_method";
}
