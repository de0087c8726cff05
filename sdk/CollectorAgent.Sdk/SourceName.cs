namespace CollectorAgent.Sdk;

/// <summary>The part of a data source name that is the name of a device.</summary>
public static class SourceName
{
    /// <summary>Replaces what a name cannot have: readers split names at colons, and control characters spoil the whole page.</summary>
    public static string Of(string device) =>
        string.Create(device.Length, device, static (name, device) =>
        {
            for (int i = 0; i < name.Length; i++)
            {
                name[i] = device[i] == ':' ? '/' : char.IsControl(device[i]) ? '?' : device[i];
            }
        });
}
