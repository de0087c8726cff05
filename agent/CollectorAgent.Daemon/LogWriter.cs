using System.Globalization;
using System.Text;

namespace CollectorAgent.Daemon;

/// <summary>Writes lines one after the other on a thread of its own: whoever adds one never waits. Where lines are not taken in time, or at
/// all, they
/// are dropped and counted, and that is said as soon as lines are taken again.</summary>
internal sealed class LogWriter : IDisposable
{
    /// <summary>So many bytes wait at most.</summary>
    public const int MaxQueuedBytes = 256 << 10;

    private static readonly TimeSpan StopDeadline = TimeSpan.FromSeconds(1);

    private readonly WriteBytes _write;
    private readonly Func<string, string> _notice;
    private readonly Queue<byte[]> _queue = new();
    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _added = new(0);
    private readonly Thread _thread;
    private int _queuedBytes;
    private long _dropped;
    private long _unsaid;
    private bool _isStopping;

    /// <param name="write">Writes a line, and may wait for ever; an IOException says that the line was not written.</param>
    /// <param name="notice">Makes a line of what the log has to say of itself.</param>
    public LogWriter(WriteBytes write, Func<string, string> notice)
    {
        _write = write;
        _notice = notice;
        _thread = new Thread(Run) { IsBackground = true, Name = "log" };
        _thread.Start();
    }

    public delegate void WriteBytes(ReadOnlySpan<byte> bytes);

    /// <summary>How many lines nobody can read.</summary>
    public long Dropped
    {
        get
        {
            lock (_gate)
            {
                return _dropped;
            }
        }
    }

    /// <param name="line">With the line feed at its end.</param>
    public void Add(string line)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(line);
        lock (_gate)
        {
            if (_queuedBytes + bytes.Length > MaxQueuedBytes)
            {
                _dropped++;
                _unsaid++;
                return;
            }
            _queue.Enqueue(bytes);
            _queuedBytes += bytes.Length;
        }
        _added.Release();
    }

    /// <summary>Waits a moment until what was added is written.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _isStopping = true;
        }
        _added.Release();
        // The thread may hang in a write for ever, and is left there.
        if (_thread.Join(StopDeadline))
        {
            _added.Dispose();
        }
    }

    private void Run()
    {
        while (true)
        {
            _added.Wait();
            if (Next() is not { } line)
            {
                return;
            }
            Write(line);
        }
    }

    /// <returns>Null where there is none, and none will come.</returns>
    private byte[]? Next()
    {
        lock (_gate)
        {
            if (!_queue.TryDequeue(out byte[]? line))
            {
                return _isStopping ? null : [];
            }
            _queuedBytes -= line.Length;
            return line;
        }
    }

    private void Write(byte[] line)
    {
        try
        {
            _write(line);
            SayDropped();
        }
        catch (IOException)
        {
            lock (_gate)
            {
                _dropped++;
                _unsaid++;
            }
        }
    }

    private void SayDropped()
    {
        long unsaid;
        lock (_gate)
        {
            unsaid = _unsaid;
        }
        if (unsaid > 0)
        {
            string count = unsaid.ToString(CultureInfo.InvariantCulture);
            string text = $"{count} lines of the log were lost: standard error was not read, or could not be written";
            _write(Encoding.UTF8.GetBytes(_notice(text)));
            lock (_gate)
            {
                _unsaid -= unsaid;
            }
        }
    }
}
