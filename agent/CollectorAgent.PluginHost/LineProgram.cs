using System.Threading.Channels;
using CollectorAgent.Native;
using CollectorAgent.Protocol;

namespace CollectorAgent.PluginHost;

/// <summary>One run of a program that prints values.</summary>
internal sealed class LineProgram : IAsyncDisposable
{
    // A descendant may hold the output open longer than its program runs.
    private static readonly TimeSpan OutputDeadline = TimeSpan.FromSeconds(0.5);

    private static readonly TimeSpan StopDeadline = TimeSpan.FromSeconds(1);

    private readonly ChildProcess _process;
    private readonly TimeProvider _time;
    private readonly string _name;
    private readonly ProgramHabit _habit;
    private readonly Lock _lock = new();
    private readonly BlockCutter _cutter;

    // Who is late gets the newest block, not an old one.
    private readonly Channel<byte[]> _blocks =
        Channel.CreateBounded<byte[]>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest });

    // Whole blocks of which it is not clear whether they are parts of one.
    private readonly MemoryStream _held = new();
    private readonly TaskCompletionSource _isHolding = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private byte[]? _newest;

    private readonly CancellationTokenSource _over = new();
    private readonly Task _running;
    private Task _asking;
    private int _asked;
    private int _written;
    private int _blocksOfThisAsk;
    private bool _hasBlocks;
    private bool _wasCut;

    private LineProgram(ChildProcess process, string name, ProgramHabit habit, bool endsWithEof, TimeProvider time)
    {
        _process = process;
        _name = name;
        _habit = habit;
        _time = time;
        _cutter = new BlockCutter { IsByEof = endsWithEof };
        _asked = 1;
        _asking = AskFirst();
        _running = RunAsync();
    }

    /// <summary>The program has ended, and all that it printed is there.</summary>
    public bool HasEnded => _running.IsCompleted;

    /// <summary>What was seen of it; true at its end.</summary>
    public ProgramHabit Habit { get; private set; }

    /// <summary>It has said itself where a block ends.</summary>
    public bool EndsItsBlocks { get; private set; }

    /// <summary>Its blocks end with <c># EOF</c>.</summary>
    public bool EndsWithEof => _cutter.IsByEof;

    /// <summary>It has printed more than one block since it was asked, and reads what it is asked.</summary>
    public bool HasAnsweredTwice => _blocksOfThisAsk > 1 && HasRead;

    /// <summary>Ends when there are blocks of which only time tells whether they are parts of one.</summary>
    public Task IsHolding => _isHolding.Task;

    // One that reads what it is asked stays; one that is run for each sample seldom does.
    private bool HasRead
    {
        get
        {
            try
            {
                return _process.UnreadInput < _written;
            }
            catch (Exception e) when (e is IOException or ObjectDisposedException)
            {
                return false;
            }
        }
    }

    /// <summary>Starts a program and asks it for its first block.</summary>
    /// <param name="habit">What was seen of it before.</param>
    /// <param name="endsWithEof">Its blocks ended with <c># EOF</c> before.</param>
    /// <exception cref="IOException">It cannot be started.</exception>
    public static LineProgram Start(string path, IReadOnlyList<string> arguments, ProgramHabit habit, bool endsWithEof, TimeProvider time)
    {
        var environment = ChildEnvironment.OfThisProcess();
        // Its standard input is no lifeline: something is written to it.
        environment.Remove(PluginEnvironment.Lifeline);
        try
        {
            var start = new ChildStart(path, arguments)
            {
                Folder = Path.GetDirectoryName(path),
                Environment = environment,
                HasInput = true,
                HasOutput = true,
            };
            return new LineProgram(ChildProcess.Start(start), Path.GetFileName(path), habit, endsWithEof, time);
        }
        catch (IOException e)
        {
            throw new IOException($"{Path.GetFileName(path)} cannot be started: {e.Message}", e);
        }
    }

    /// <summary>Asks for one more block; one that nobody took is too old.</summary>
    public void Ask()
    {
        lock (_lock)
        {
            _cutter.Ask();
            _asked++;
            _blocksOfThisAsk = 0;
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
    /// <exception cref="ProgramEndException">There is none, and the agent is to know why.</exception>
    public async Task<byte[]> BlockAsync(CancellationToken stop) =>
        await _blocks.Reader.WaitToReadAsync(stop) && _blocks.Reader.TryRead(out byte[]? block)
            ? block
            : throw new IOException($"{_name} ended without an answer");

    /// <summary>Ends the block here and now: the newest whole one, or else the lines that are there.</summary>
    /// <returns>Whether there is a line in it.</returns>
    public bool TryEndBlock()
    {
        lock (_lock)
        {
            byte[]? block = _newest ?? _cutter.End();
            _wasCut |= block is not null;
            return block is not null && TryRelease(block);
        }
    }

    /// <summary>Takes the newest whole block for what it is: the program has had time enough to end.</summary>
    /// <returns>Whether there is one.</returns>
    public bool TryRelease()
    {
        lock (_lock)
        {
            return _newest is { } block && TryRelease(block);
        }
    }

    /// <summary>Ends the program: it sees the end of its standard input, and is killed with its children where that is not enough.</summary>
    public async ValueTask DisposeAsync()
    {
        await _over.CancelAsync();
        await _asking;
        await _process.Input.DisposeAsync();
        using var deadline = new CancellationTokenSource(StopDeadline, _time);
        try
        {
            await _process.WaitForEndAsync(deadline.Token);
        }
        catch (OperationCanceledException)
        {
            _process.KillWithDescendants();
        }
        await _running;
        _process.Dispose();
        _held.Dispose();
        _over.Dispose();
    }

    private async Task RunAsync()
    {
        using var end = new CancellationTokenSource();
        var reading = ReadAsync(end.Token);
        await _process.WaitForEndAsync(CancellationToken.None);
        if (await Task.WhenAny(reading, Task.Delay(OutputDeadline, _time, CancellationToken.None)) != reading)
        {
            await end.CancelAsync();
        }
        if (await reading is { } tooMuch)
        {
            _blocks.Writer.Complete(new IOException($"{_name} {tooMuch} and was killed"));
        }
        else if (_process.ExitCode is PluginExitCode.Unavailable or PluginExitCode.Misconfigured)
        {
            _blocks.Writer.Complete(new ProgramEndException($"{_name} ended with exit code {_process.ExitCode}", _process.ExitCode));
        }
        else if (_process.ExitCode != 0)
        {
            _blocks.Writer.Complete(new IOException($"{_name} ended with exit code {_process.ExitCode}"));
        }
        else
        {
            _blocks.Writer.Complete(AddLast() is { } trouble ? new IOException(trouble) : null);
        }
    }

    /// <returns>What was too much, for which it was killed; null where nothing was.</returns>
    private async Task<string?> ReadAsync(CancellationToken end)
    {
        byte[] buffer = new byte[16 << 10];
        try
        {
            while (await _process.Output.ReadAsync(buffer, end) is > 0 and var count)
            {
                if (Append(buffer.AsSpan(0, count)) is { } tooMuch)
                {
                    _process.KillWithDescendants();
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

    /// <summary>Takes what was printed last by a program that has ended as it should.</summary>
    /// <returns>Why there is nothing to take; null where there is.</returns>
    private string? AddLast()
    {
        lock (_lock)
        {
            byte[] last = _cutter.EndOfOutput();
            bool isRunForOneSample = _asked == 1 || !HasRead;
            Habit = isRunForOneSample ? ProgramHabit.Ends : ProgramHabit.Stays;
            if (!_hasBlocks)
            {
                // All of it; one that prints nothing has nothing to report.
                EndsItsBlocks = true;
                byte[] whole = [.. _held.ToArray(), .. last];
                if (whole.AsSpan().Count((byte)'\n') > BlockCutter.MaxLines)
                {
                    return $"{_name} printed more than {BlockCutter.MaxLines} lines for one sample";
                }
                _blocks.Writer.TryWrite(whole);
                return null;
            }
            if (last.Length > 0 && isRunForOneSample)
            {
                return $"{_name} ended by itself after its sample was taken; from now on its end is waited for";
            }
            if (last.Length > 0)
            {
                _blocks.Writer.TryWrite(last);
            }
            return null;
        }
    }

    private void Add(byte[] block)
    {
        _blocksOfThisAsk++;
        EndsItsBlocks |= !_wasCut;
        if (_hasBlocks || _habit == ProgramHabit.Stays || (_habit == ProgramHabit.Unknown && HasRead))
        {
            TryRelease(block);
            return;
        }
        _held.Write(block);
        _newest = block;
        _isHolding.TrySetResult();
    }

    private bool TryRelease(byte[] block)
    {
        _hasBlocks = true;
        _newest = null;
        _held.SetLength(0);
        return _blocks.Writer.TryWrite(block);
    }

    /// <summary>Asks before anything is read: who has read this stays.</summary>
    private Task AskFirst()
    {
        try
        {
            // Into an empty pipe: nothing waits.
            _process.Input.Write("\n"u8);
            _written = 1;
        }
        catch (IOException)
        {
            // It does not listen.
        }
        return Task.CompletedTask;
    }

    private async Task AskAsync()
    {
        try
        {
            await _process.Input.WriteAsync("\n"u8.ToArray(), _over.Token);
            Interlocked.Increment(ref _written);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // It does not listen.
        }
    }
}
