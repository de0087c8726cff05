using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using CollectorAgent.Rrd;

namespace CollectorAgent.Benchmarks;

/// <summary>A real rrdcached with a journal, and files that librrd has made. It is told of samples over its socket, a batch a step.</summary>
internal sealed class Rrdcached : IDisposable
{
    private const string Program = "/usr/bin/rrdcached";

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(10);

    private readonly Process _process;
    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly Librrd[] _rrds;
    private readonly string[] _paths;
    private readonly string[] _values;
    private readonly byte[] _answer = new byte[64 << 10];

    /// <param name="folder">Where socket, journal and files lie.</param>
    /// <param name="sourcesOfFile">Few enough that a sample fits a line of its protocol.</param>
    public Rrdcached(string folder, int files, int sourcesOfFile)
    {
        _paths = [.. Enumerable.Range(0, files).Select(i => Path.Combine(folder, $"{i}.rrd"))];
        _rrds = [.. _paths.Select(p => new Librrd(p, ArchiveLayout.Averages, sourcesOfFile))];
        _values = [.. Enumerable.Range(0, Workload.Cycle).Select(s => Librrd.Values(sourcesOfFile, s))];
        string socket = Path.Combine(folder, "socket");
        // It writes files after an hour, or when it is told to; its journal at once.
        _process = Process.Start(new ProcessStartInfo(
            Program, ["-g", "-l", "unix:" + socket, "-b", folder, "-p", Path.Combine(folder, "pid"), "-j", folder, "-w", "3600", "-f", "7200"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        if (!SpinWait.SpinUntil(() => TryConnect(socket), Deadline))
        {
            throw new InvalidOperationException($"{Program} does not listen: {_process.StandardError.ReadToEnd()}");
        }
    }

    public static bool IsMissing => Librrd.IsMissing || !File.Exists(Program);

    /// <summary>Hands over a sample of every file and waits until they are accepted.</summary>
    public void Update(long step)
    {
        string time = string.Create(
            CultureInfo.InvariantCulture, $"{step * ArchiveLayout.StandardStepSeconds + Workload.SampleOffsetSeconds:0.0}");
        var batch = new StringBuilder("BATCH\n");
        foreach (string path in _paths)
        {
            batch.Append("update ").Append(path).Append(' ').Append(time).Append(_values[step % Workload.Cycle]).Append('\n');
        }
        Ask("BATCH\n", "0 ");
        Ask(batch.Append(".\n").ToString(6, batch.Length - 6), "0 ");
    }

    /// <summary>Waits until all that was accepted is in the files.</summary>
    public void Flush()
    {
        foreach (string path in _paths)
        {
            Ask($"FLUSH {path}\n", "0 ");
        }
    }

    public void Dispose()
    {
        _socket.Dispose();
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        foreach (var rrd in _rrds)
        {
            rrd.Dispose();
        }
    }

    private void Ask(string question, string expected)
    {
        _socket.Send(Encoding.ASCII.GetBytes(question));
        int length = 0;
        do
        {
            int count = _socket.Receive(_answer.AsSpan(length));
            length = count == 0 ? throw new InvalidOperationException("rrdcached has closed the connection") : length + count;
        }
        while (_answer[length - 1] != '\n');
        string answer = Encoding.ASCII.GetString(_answer, 0, length);
        if (!answer.StartsWith(expected, StringComparison.Ordinal))
        {
            throw new InvalidOperationException($"rrdcached: {answer}");
        }
    }

    private bool TryConnect(string path)
    {
        try
        {
            _socket.Connect(new UnixDomainSocketEndPoint(path));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
