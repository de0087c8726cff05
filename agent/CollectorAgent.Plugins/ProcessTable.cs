using System.Buffers.Text;
using CollectorAgent.Native;
using Microsoft.Win32.SafeHandles;

namespace CollectorAgent.Plugins;

/// <summary>The processes that plugins have started, directly or by others, as procfs shows them at one moment.</summary>
/// <remarks>Once a process is known to be of a run it stays so, whatever it does to its limits, environment, session and parents.</remarks>
internal sealed class ProcessTable(RunMark mark)
{
    // USER_HZ, the unit of times in this file on every architecture in use.
    private const double TicksPerSecond = 100;

    private const byte Ended = (byte)'Z';

    // Places in what follows the name.
    private const int ParentPlace = 1;
    private const int SessionPlace = 3;
    private const int FirstTimePlace = 11;
    private const int LastTimePlace = 14;
    private const int StartPlace = 19;
    private const int ResidentPlace = 21;

    // Room for an environment; what is longer is looked at so far only.
    private readonly byte[] _buffer = new byte[64 << 10];

    // The runs of the processes of the last look; a process id comes again, but not at the same time.
    private Dictionary<(int Pid, long Start), int> _known = [];

    /// <summary>Looks at all processes of this host.</summary>
    /// <exception cref="IOException">The table cannot be read, or too many files are open.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public List<RunProcess> Look()
    {
        var processes = new List<Found>();
        foreach (int pid in Pids())
        {
            if (TryRead(pid, out int parent, out int session, out long start, out var usage))
            {
                processes.Add(new Found(pid, parent, session, start, usage));
            }
        }
        var known = new Dictionary<(int Pid, long Start), int>(processes.Count);
        var runs = new Dictionary<int, int>(processes.Count);
        foreach (var process in processes)
        {
            int run = _known.TryGetValue((process.Pid, process.Start), out int before) ? before : RunOf(process.Pid);
            known[(process.Pid, process.Start)] = run;
            runs[process.Pid] = run;
        }
        Inherit(processes.Where(p => !_known.ContainsKey((p.Pid, p.Start))), runs, known);
        _known = known;
        return [.. processes.Where(p => runs[p.Pid] > 0).Select(p => new RunProcess(p.Pid, runs[p.Pid], p.Usage))];
    }

    /// <summary>Has processes that are seen for the first time and say nothing themselves be of the run of their parent, or their
    /// session.</summary>
    private static void Inherit(IEnumerable<Found> found, Dictionary<int, int> runs, Dictionary<(int Pid, long Start), int> known)
    {
        var unmarked = found.Where(p => runs[p.Pid] == 0 && p.Pid != Environment.ProcessId);
        // In the order in which they were started, so that parents come first.
        foreach (var process in unmarked.OrderBy(p => p.Start).ThenBy(p => p.Pid).ToList())
        {
            int run = runs.GetValueOrDefault(process.Parent) is > 0 and var ofParent ? ofParent : runs.GetValueOrDefault(process.Session);
            runs[process.Pid] = run;
            known[(process.Pid, process.Start)] = run;
        }
    }

    private static IEnumerable<int> Pids() => Directory.EnumerateDirectories("/proc")
        .Select(d => int.TryParse(Path.GetFileName(d.AsSpan()), out int pid) ? pid : 0)
        .Where(p => p > 0);

    /// <summary>The run of a process by its own marks; 0 where it has none.</summary>
    private int RunOf(int pid)
    {
        if (pid == Environment.ProcessId)
        {
            // While it starts a plugin the agent's own limit is the plugin's.
            return 0;
        }
        int run = mark.RunOf(FileLockLimit(Read(pid, "limits")));
        return run > 0 ? run : mark.RunOf(Read(pid, "environ"));
    }

    private static long FileLockLimit(ReadOnlySpan<byte> limits)
    {
        var name = "Max file locks"u8;
        int start = limits.IndexOf(name);
        return start >= 0 && Utf8Parser.TryParse(limits[(start + name.Length)..].TrimStart((byte)' '), out long limit, out _) ? limit : 0;
    }

    /// <summary>Reads what one process uses; false where it has ended.</summary>
    private bool TryRead(int pid, out int parent, out int session, out long start, out RunUsage usage)
    {
        (parent, session, start, usage) = (0, 0, 0, default);
        var text = Read(pid, "stat");
        // The name before it may hold anything.
        text = text[(text.LastIndexOf((byte)')') + 1)..].Trim((byte)' ');
        if (text.IsEmpty || text[0] == Ended)
        {
            return false;
        }
        long ticks = 0;
        long pages = 0;
        int place = 0;
        foreach (var part in text.Split((byte)' '))
        {
            long value = Utf8Parser.TryParse(text[part], out long number, out _) ? number : 0;
            parent = place == ParentPlace ? (int)value : parent;
            session = place == SessionPlace ? (int)value : session;
            start = place == StartPlace ? value : start;
            ticks += place is >= FirstTimePlace and <= LastTimePlace ? value : 0;
            pages = place == ResidentPlace ? value : pages;
            place++;
        }
        usage = new RunUsage(1, ticks / TicksPerSecond, pages * Environment.SystemPageSize);
        return place > ResidentPlace;
    }

    private readonly record struct Found(int Pid, int Parent, int Session, long Start, RunUsage Usage);

    /// <summary>The beginning of a file of a process; empty where the process is gone or not ours to see.</summary>
    private ReadOnlySpan<byte> Read(int pid, string file)
    {
        try
        {
            using SafeFileHandle handle = File.OpenHandle($"/proc/{pid}/{file}");
            return _buffer.AsSpan(0, RandomAccess.Read(handle, _buffer, 0));
        }
        catch (Exception e) when (e is UnauthorizedAccessException || (e is IOException && e.HResult != PosixException.TooManyOpenFiles))
        {
            return [];
        }
    }
}
