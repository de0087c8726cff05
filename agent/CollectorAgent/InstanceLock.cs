namespace CollectorAgent;

/// <summary>Held while an agent works with a root, so that a second one does not write the same files.</summary>
internal static class InstanceLock
{
    /// <exception cref="IOException">Another agent holds it.</exception>
    public static FileStream Take(string storeFolder)
    {
        string path = Path.Combine(storeFolder, "lock");
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e)
        {
            throw new IOException($"Another agent works in {storeFolder} already, or {path} cannot be opened: {e.Message}", e);
        }
    }
}
