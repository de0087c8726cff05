namespace CollectorAgent.Benchmarks;

/// <summary>A folder that is gone at the end.</summary>
internal sealed class ScratchFolder : IDisposable
{
    /// <summary>In memory, where pages and peers' files lie.</summary>
    public ScratchFolder()
        : this("/dev/shm")
    {
    }

    private ScratchFolder(string parent)
    {
        Path = System.IO.Path.Combine(parent, "benchmark-" + System.IO.Path.GetRandomFileName());
        Directory.CreateDirectory(Path);
    }

    public string Path { get; }

    /// <summary>Where the environment's TMPDIR is, else in the build's folder: on a disk, by a path short enough for sockets below it.</summary>
    public static ScratchFolder OnDisk() => new(
        Environment.GetEnvironmentVariable("TMPDIR") ?? System.IO.Path.GetFullPath(System.IO.Path.Combine(AppContext.BaseDirectory, "..", "..", "..")));

    public string File(string name) => System.IO.Path.Combine(Path, name);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
