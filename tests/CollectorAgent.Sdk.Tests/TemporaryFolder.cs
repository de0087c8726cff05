namespace CollectorAgent.Sdk.Tests;

/// <summary>A folder that is gone with the test; its path is short enough for a socket below it.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("ca-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
