namespace CollectorAgent.TestKit;

/// <summary>A folder that is gone with the test; its path is short enough for a socket below it.</summary>
public sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("ca-").FullName;

    /// <summary>Makes a folder in it.</summary>
    /// <returns>Its path.</returns>
    public string Folder(string name) => Directory.CreateDirectory(System.IO.Path.Combine(Path, name)).FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
