namespace CollectorAgent.Store;

/// <summary>The uuid of this host: the installation's where there is an inventory, else one that is made once and kept.</summary>
public static class HostIdentity
{
    private const string InventoryKey = "INSTALLATION_UUID=";

    /// <param name="inventory">Path of the installation's inventory; it need not exist.</param>
    /// <param name="storeFolder">Where a uuid of our own is kept.</param>
    /// <exception cref="IOException">Neither can be read, or ours cannot be kept.</exception>
    public static string Resolve(string inventory, string storeFolder)
    {
        if (File.Exists(inventory))
        {
            foreach (string line in File.ReadLines(inventory))
            {
                if (line.StartsWith(InventoryKey, StringComparison.Ordinal)
                    && Guid.TryParse(line[InventoryKey.Length..].Trim().Trim('\'', '"'), out var installation))
                {
                    return installation.ToString();
                }
            }
        }
        string path = Path.Combine(storeFolder, "host-uuid");
        if (File.Exists(path) && Guid.TryParse(File.ReadAllText(path).Trim(), out var kept))
        {
            return kept.ToString();
        }
        string made = Guid.NewGuid().ToString();
        Directory.CreateDirectory(storeFolder);
        File.WriteAllText(path + ".tmp", made + "\n");
        File.Move(path + ".tmp", path, overwrite: true);
        return made;
    }
}
