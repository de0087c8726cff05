using CollectorAgent.Protocol;

namespace CollectorAgent.Rpc;

/// <summary>The named arguments of a call, which travel as one struct in the first parameter.</summary>
internal sealed class RpcArguments(XmlRpcCall call)
{
    private readonly XmlRpcValue.Struct? _named = call.Parameters.Count > 0 ? call.Parameters[0] as XmlRpcValue.Struct : null;

    /// <summary>An argument that is text.</summary>
    /// <exception cref="RpcRequestException">It is missing or no text.</exception>
    public string Text(string name) =>
        _named?.Find(name)?.AsText ?? throw Wrong($"'{name}' is missing or no text: the first parameter is a struct of the named arguments");

    /// <summary>An argument that is text, where it is there.</summary>
    /// <returns>Null where it is not there, or nil.</returns>
    /// <exception cref="RpcRequestException">It is no text.</exception>
    public string? OptionalText(string name) => Has(name) ? Text(name) : null;

    /// <summary>A uuid, in lower case: it can stand in a file name.</summary>
    /// <exception cref="RpcRequestException">It is missing or none.</exception>
    public string Uuid(string name)
    {
        string uuid = Text(name).ToLowerInvariant();
        return PluginUid.IsValid(uuid) ? uuid : throw Wrong($"'{Shortened(uuid)}' is no uuid");
    }

    /// <summary>An owner, where it is there.</summary>
    /// <returns>Null where it is not there, or nil.</returns>
    /// <exception cref="RpcRequestException">It is not an owner.</exception>
    public Owner? OptionalOwner(string name) =>
        OptionalText(name) is not { } text ? null
        : Owner.TryParse(text, out var owner) ? owner
        : throw Wrong($"'{Shortened(text)}' is not an owner: there are 'host', 'vm UUID' and 'sr UUID'");

    /// <summary>A number, typed or as text.</summary>
    /// <exception cref="RpcRequestException">It is missing or none.</exception>
    public double Number(string name) => _named?.Find(name)?.AsNumber ?? throw Wrong($"'{name}' is missing or no number");

    /// <summary>A truth value.</summary>
    /// <param name="absent">What counts where it is not there; null where it must be.</param>
    /// <exception cref="RpcRequestException">It is missing or none.</exception>
    public bool Truth(string name, bool? absent = null) =>
        !Has(name) && absent is { } value ? value
        : (_named?.Find(name) as XmlRpcValue.Boolean)?.Value ?? throw Wrong($"'{name}' is missing or no truth value");

    /// <summary>A list of structs.</summary>
    /// <exception cref="RpcRequestException">It is missing or none.</exception>
    public IReadOnlyList<XmlRpcValue.Struct> Structs(string name) =>
        (_named?.Find(name) as XmlRpcValue.List)?.Items is { } items && items.All(i => i is XmlRpcValue.Struct)
            ? [.. items.Cast<XmlRpcValue.Struct>()]
            : throw Wrong($"'{name}' is missing or no list of structs");

    /// <summary>A uid.</summary>
    /// <exception cref="RpcRequestException">It is missing or none.</exception>
    public string Uid()
    {
        string uid = Text(RpcMethod.Uid);
        return PluginUid.IsValid(uid) ? uid : throw Wrong($"'{Shortened(uid)}' is no uid: {PluginUid.Rule}");
    }

    /// <summary>Checks the one frequency there is.</summary>
    /// <exception cref="RpcRequestException">It is another one, or missing.</exception>
    public void FiveSeconds(string name)
    {
        string frequency = Text(name);
        if (!frequency.Equals(RpcMethod.FiveSeconds, StringComparison.OrdinalIgnoreCase))
        {
            throw Wrong($"'{Shortened(frequency)}' is no frequency; there is {RpcMethod.FiveSeconds}");
        }
    }

    /// <summary>Checks that the one parameter of a method without arguments is there.</summary>
    /// <exception cref="RpcRequestException">It is not.</exception>
    public void Nothing()
    {
        if (call.Parameters is not [XmlRpcValue.Nil])
        {
            throw Wrong($"{call.Method} takes one parameter, nil");
        }
    }

    private bool Has(string name) => _named?.Find(name) is not (null or XmlRpcValue.Nil);

    private RpcRequestException Wrong(string text) => new(RpcError.InternalError, $"{call.Method}: {text}");

    private static string Shortened(string text) => text.Length > PluginUid.MaxLength ? text[..PluginUid.MaxLength] + "…" : text;
}
