using System.Buffers.Text;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace CollectorAgent.Plugins;

/// <summary>The processes of this host, as procfs shows them at one moment.</summary>
internal sealed class ProcessTable
{
    // USER_HZ, the unit of times in this file on every architecture in use.
    private const double TicksPerSecond = 100;

    private const byte Ended = (byte)'Z';

    // Places in what follows the name.
    private const int SessionPlace = 3;
    private const int FirstTimePlace = 11;
    private const int LastTimePlace = 14;
    private const int ResidentPlace = 21;

    // Room for an environment; what is longer is looked at so far only.
    private readonly byte[] _buffer = new byte[64 << 10];

    /// <summary>What the processes of each session use together, by the id of the session.</summary>
    public Dictionary<int, SessionUsage> Sessions()
    {
        var sessions = new Dictionary<int, SessionUsage>();
        foreach (int pid in Pids())
        {
            if (TryRead(pid, out int session, out var usage))
            {
                sessions[session] = sessions.GetValueOrDefault(session).Plus(usage);
            }
        }
        return sessions;
    }

    /// <summary>The processes that have a text in their environment, with what follows it there.</summary>
    public List<(int Pid, string Plugin)> Marked(string mark)
    {
        byte[] text = Encoding.UTF8.GetBytes(mark);
        var marked = new List<(int, string)>();
        foreach (int pid in Pids())
        {
            var environment = Read(pid, "environ");
            int start = environment.IndexOf(text);
            if (start >= 0)
            {
                var rest = environment[(start + text.Length)..];
                int end = rest.IndexOf((byte)0);
                marked.Add((pid, Encoding.UTF8.GetString(end < 0 ? rest : rest[..end])));
            }
        }
        return marked;
    }

    private static IEnumerable<int> Pids() => Directory.EnumerateDirectories("/proc")
        .Select(d => int.TryParse(Path.GetFileName(d.AsSpan()), out int pid) ? pid : 0)
        .Where(p => p > 0);

    /// <summary>Reads what one process uses; false where it has ended.</summary>
    private bool TryRead(int pid, out int session, out SessionUsage usage)
    {
        (session, usage) = (0, default);
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
            session = place == SessionPlace ? (int)value : session;
            ticks += place is >= FirstTimePlace and <= LastTimePlace ? value : 0;
            pages = place == ResidentPlace ? value : pages;
            place++;
        }
        usage = new SessionUsage(1, ticks / TicksPerSecond, pages * Environment.SystemPageSize);
        return place > ResidentPlace;
    }

    /// <summary>The beginning of a file of a process; empty where the process is gone or not ours to see.</summary>
    private ReadOnlySpan<byte> Read(int pid, string file)
    {
        try
        {
            using SafeFileHandle handle = File.OpenHandle($"/proc/{pid}/{file}");
            return _buffer.AsSpan(0, RandomAccess.Read(handle, _buffer, 0));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
