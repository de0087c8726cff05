namespace CollectorAgent.Protocol;

/// <summary>Whom a data source describes.</summary>
public enum OwnerKind
{
    /// <summary>The host the agent runs on.</summary>
    Host,

    /// <summary>A virtual machine.</summary>
    Vm,

    /// <summary>A storage repository.</summary>
    Sr,
}

/// <summary>A host, a VM or an SR.</summary>
/// <param name="Kind">Which of them.</param>
/// <param name="Uuid">Its uuid, in lower case; empty for the host, which is this one.</param>
public readonly record struct Owner(OwnerKind Kind, string Uuid)
{
    /// <summary>This host.</summary>
    public static Owner Host { get; } = new(OwnerKind.Host, "");

    /// <summary>Reads <c>host</c>, <c>vm UUID</c> or <c>sr UUID</c> in any case. The uuid ends up in file names: it must be one.</summary>
    public static bool TryParse(string text, out Owner owner)
    {
        text = text.ToLowerInvariant();
        owner = Host;
        if (text == "host")
        {
            return true;
        }
        if (text.Length < 4 || text[2] != ' ' || !PluginUid.IsValid(text[3..]))
        {
            return false;
        }
        owner = new Owner(text[0] == 'v' ? OwnerKind.Vm : OwnerKind.Sr, text[3..]);
        return text[..2] is "vm" or "sr";
    }

    /// <summary>The text that <see cref="TryParse"/> reads.</summary>
    public override string ToString() => Kind switch
    {
        OwnerKind.Vm => "vm " + Uuid,
        OwnerKind.Sr => "sr " + Uuid,
        _ => "host",
    };
}
