namespace CollectorAgent.XenPlugin;

/// <summary>What toolstack and guests keep about domains, by path.</summary>
internal interface IXenstore
{
    /// <returns>Null where there is no such value.</returns>
    /// <exception cref="IOException">xenstore does not answer.</exception>
    string? Read(string path);
}
