using System.Diagnostics;
using System.IO.MemoryMappedFiles;

namespace CollectorAgent.EndToEnd.Tests;

/// <summary>Kills a process just before the n-th of its calls that reach disk or wire: see tests/fixtures/killer.c.</summary>
internal sealed class Killer : IDisposable
{
    /// <summary>More than are made in any test.</summary>
    private const long Never = 1L << 40;

    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _callsToGo;

    /// <param name="folder">Has room for the library and the file that counts down.</param>
    public Killer(string folder)
    {
        string library = Path.Combine(folder, "killer.so");
        using (var gcc = Process.Start("gcc", ["-O1", "-shared", "-fPIC", "-o", library, Fixtures.Path("killer.c"), "-ldl"]))
        {
            gcc.WaitForExit();
            Assert.Equal(0, gcc.ExitCode);
        }
        string path = Path.Combine(folder, "calls-to-go");
        _file = MemoryMappedFile.CreateFromFile(path, FileMode.Create, mapName: null, sizeof(long));
        _callsToGo = _file.CreateViewAccessor();
        Environment = new Dictionary<string, string> { ["LD_PRELOAD"] = library, ["KILLER"] = path };
    }

    /// <summary>What the process is started with.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; }

    /// <summary>The process is killed at this one of its calls from now on, 1 or more.</summary>
    public void KillAt(long call) => _callsToGo.Write(0, call);

    /// <summary>It is not killed, but its calls are counted.</summary>
    public void Count() => _callsToGo.Write(0, Never);

    /// <summary>Its calls are not counted any more.</summary>
    /// <returns>How many there were.</returns>
    public long Stop()
    {
        long left = _callsToGo.ReadInt64(0);
        _callsToGo.Write(0, 0L);
        return Never - left;
    }

    /// <summary>It is not killed any more.</summary>
    /// <returns>False where it has been already.</returns>
    public bool TryStop()
    {
        bool isInTime = _callsToGo.ReadInt64(0) > 0;
        _callsToGo.Write(0, 0L);
        return isInTime;
    }

    public void Dispose()
    {
        _callsToGo.Dispose();
        _file.Dispose();
    }
}
