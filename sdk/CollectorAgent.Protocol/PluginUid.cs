namespace CollectorAgent.Protocol;

/// <summary>The id of a plugin, which is also the file name of its sample page.</summary>
public static class PluginUid
{
    /// <summary>Longest uid, in characters.</summary>
    public const int MaxLength = 128;

    /// <summary>The uid of the page of the agent itself; no plugin can have it, nor one that begins so and goes on with a hyphen.</summary>
    public const string OfAgent = "collector-agent";

    /// <summary>Whether the agent keeps this uid for itself.</summary>
    public static bool IsOfAgent(string uid) => uid == OfAgent || uid.StartsWith(OfAgent + "-", StringComparison.Ordinal);

    /// <summary>What a uid may be, for messages.</summary>
    public const string Rule = "a uid is 1 to 128 letters, digits, '.', '_' or '-', and does not start with a dot";

    /// <summary>Whether a text is a file name that leads nowhere else.</summary>
    public static bool IsValid(string? uid)
    {
        if (string.IsNullOrEmpty(uid) || uid.Length > MaxLength || uid[0] == '.')
        {
            return false;
        }
        foreach (char c in uid)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('.' or '_' or '-'))
            {
                return false;
            }
        }
        return true;
    }

    /// <summary>Whether a file in the page folder can be a sample page: not one being written, nor a disk's own statistics.</summary>
    public static bool IsPageName(string name) =>
        IsValid(name) && !name.EndsWith(".tmp", StringComparison.Ordinal) && !name.StartsWith("tap-", StringComparison.Ordinal);
}
