using System.Text;
using CollectorAgent.Native;

namespace CollectorAgent.Store;

/// <summary>The uuid of this host: the installation's where there is an inventory, else one that is made once and kept.</summary>
public static class HostIdentity
{
    private const int MaxInventoryBytes = 64 << 10;
    private const string InventoryKey = "INSTALLATION_UUID=";

    /// <param name="inventory">Path of the installation's inventory; it need not exist.</param>
    /// <param name="storeFolder">Where a uuid of our own is kept.</param>
    /// <exception cref="IOException">Neither can be read, or ours cannot be kept.</exception>
    public static string Resolve(string inventory, string storeFolder)
    {
        if (File.Exists(inventory))
        {
            foreach (string line in Encoding.UTF8.GetString(SmallFile.ReadLinked(inventory, MaxInventoryBytes)).Split('\n'))
            {
                if (line.StartsWith(InventoryKey, StringComparison.Ordinal)
                    && Guid.TryParse(line[InventoryKey.Length..].Trim().Trim('\'', '"'), out var installation))
                {
                    return installation.ToString();
                }
            }
        }
        string path = Path.Combine(storeFolder, "host-uuid");
        if (File.Exists(path) && Guid.TryParse(Encoding.UTF8.GetString(SmallFile.Read(path, MaxInventoryBytes)).Trim(), out var kept))
        {
            return kept.ToString();
        }
        string made = Guid.NewGuid().ToString();
        Directory.CreateDirectory(storeFolder);
        Keep(path, made);
        return made;
    }

    /// <summary>Writes it so that a power cut leaves all of it or nothing: another uuid would be another host.</summary>
    private static void Keep(string path, string uuid)
    {
        string unfinished = path + ".tmp";
        File.Delete(unfinished);
        using (var file = PosixFile.CreateNew(unfinished))
        {
            RandomAccess.Write(file, Encoding.ASCII.GetBytes(uuid + "\n"), 0);
            PosixFile.Sync(file);
        }
        File.SetUnixFileMode(unfinished, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        File.Move(unfinished, path, overwrite: true);
        PosixFile.SyncFolder(Path.GetDirectoryName(path)!);
    }
}
