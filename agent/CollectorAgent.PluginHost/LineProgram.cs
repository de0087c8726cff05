using System.ComponentModel;
using System.Diagnostics;
using System.Threading.Channels;
using CollectorAgent.Protocol;

namespace CollectorAgent.PluginHost;

/// <summary>One run of a program that prints values.</summary>
internal sealed class LineProgram : IAsyncDisposable
{
    // A descendant may hold the output open longer than its program runs.
    private static readonly TimeSpan OutputDeadline = TimeSpan.FromSeconds(0.5);

    private static readonly TimeSpan StopDeadline = TimeSpan.FromSeconds(1);

    private readonly Process _process;
    private readonly TimeProvider _time;
    private readonly string _name;
    private readonly Lock _lock = new();
    private readonly BlockCutter _cutter = new();

    // Who is late gets the newest block, not an old one.
    private readonly Channel<byte[]> _blocks =
        Channel.CreateBounded<byte[]>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest });

    private readonly CancellationTokenSource _over = new();
    private readonly Task _running;
    private Task _asking;
    private bool _hasBlocks;
    private bool _wasEnded;

    private LineProgram(Process process, string name, TimeProvider time)
    {
        _process = process;
        _name = name;
        _time = time;
        _asking = AskAsync();
        _running = RunAsync();
    }

    /// <summary>The program has ended, and all that it printed is there.</summary>
    public bool HasEnded => _running.IsCompleted;

    /// <summary>It has said itself where a block ends.</summary>
    public bool EndsItsBlocks { get; private set; }

    /// <summary>Starts a program and asks it for its first block.</summary>
    /// <exception cref="IOException">It cannot be started.</exception>
    public static LineProgram Start(string path, IReadOnlyList<string> arguments, TimeProvider time)
    {
        var start = new ProcessStartInfo(path, arguments)
        {
            WorkingDirectory = Path.GetDirectoryName(path),
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        // Its standard input is no lifeline: something is written to it.
        start.Environment.Remove(PluginEnvironment.Lifeline);
        try
        {
            return new LineProgram(Process.Start(start)!, Path.GetFileName(path), time);
        }
        catch (Win32Exception e)
        {
            throw new IOException($"{path} cannot be started: {e.Message}", e);
        }
    }

    /// <summary>Asks for one more block; one that nobody took is too old.</summary>
    public void Ask()
    {
        lock (_lock)
        {
            _cutter.Ask();
        }
        _blocks.Reader.TryRead(out _);
        // One that does not read what it is asked fills the pipe in the end; nobody is to wait for that.
        if (_asking.IsCompleted)
        {
            _asking = AskAsync();
        }
    }

    /// <summary>The next block.</summary>
    /// <exception cref="IOException">There is none; the message says why.</exception>
    public async Task<byte[]> BlockAsync(CancellationToken stop) =>
        await _blocks.Reader.WaitToReadAsync(stop) && _blocks.Reader.TryRead(out byte[]? block)
            ? block
            : throw new IOException($"{_name} ended without an answer");

    /// <summary>Ends the block here and now.</summary>
    /// <returns>Whether there is a line in it.</returns>
    public bool TryEndBlock()
    {
        lock (_lock)
        {
            byte[]? block = _cutter.End();
            _wasEnded |= block is not null;
            return block is not null && _blocks.Writer.TryWrite(block);
        }
    }

    /// <summary>Ends the program: it sees the end of its standard input, and is killed with its children where that is not enough.</summary>
    public async ValueTask DisposeAsync()
    {
        await _over.CancelAsync();
        await _asking;
        // Not the writer: it would flush into a pipe that nobody reads any more.
        _process.StandardInput.BaseStream.Close();
        using var deadline = new CancellationTokenSource(StopDeadline, _time);
        try
        {
            await _process.WaitForExitAsync(deadline.Token);
        }
        catch (OperationCanceledException)
        {
            _process.Kill(entireProcessTree: true);
        }
        await _running;
        _process.StandardOutput.Dispose();
        _process.Dispose();
        _over.Dispose();
    }

    private async Task RunAsync()
    {
        using var end = new CancellationTokenSource();
        var reading = ReadAsync(end.Token);
        await _process.WaitForExitAsync(CancellationToken.None);
        if (await Task.WhenAny(reading, Task.Delay(OutputDeadline, _time, CancellationToken.None)) != reading)
        {
            await end.CancelAsync();
        }
        if (await reading is { } tooMuch)
        {
            _blocks.Writer.Complete(new IOException($"{_name} {tooMuch} and was killed"));
        }
        else if (_process.ExitCode != 0)
        {
            _blocks.Writer.Complete(new IOException($"{_name} ended with exit code {_process.ExitCode}"));
        }
        else
        {
            AddLast();
            _blocks.Writer.Complete();
        }
    }

    /// <returns>What was too much, for which it was killed; null where nothing was.</returns>
    private async Task<string?> ReadAsync(CancellationToken end)
    {
        byte[] buffer = new byte[16 << 10];
        var output = _process.StandardOutput.BaseStream;
        try
        {
            while (await output.ReadAsync(buffer, end) is > 0 and var count)
            {
                if (Append(buffer.AsSpan(0, count)) is { } tooMuch)
                {
                    _process.Kill(entireProcessTree: true);
                    return tooMuch;
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Somebody else has the output now.
        }
        return null;
    }

    private string? Append(ReadOnlySpan<byte> printed)
    {
        lock (_lock)
        {
            return _cutter.Append(printed, Add);
        }
    }

    private void AddLast()
    {
        lock (_lock)
        {
            byte[] last = _cutter.EndOfOutput();
            // One that prints nothing has nothing to report.
            if (last.Length > 0 || !_hasBlocks)
            {
                Add(last);
            }
        }
    }

    private void Add(byte[] block)
    {
        _hasBlocks = true;
        EndsItsBlocks |= !_wasEnded;
        _blocks.Writer.TryWrite(block);
    }

    private async Task AskAsync()
    {
        try
        {
            await _process.StandardInput.BaseStream.WriteAsync("\n"u8.ToArray(), _over.Token);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // It does not listen.
        }
    }
}
