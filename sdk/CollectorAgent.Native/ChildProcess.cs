using System.ComponentModel;
using System.Diagnostics;
using System.IO.Pipes;
using Microsoft.Win32.SafeHandles;

namespace CollectorAgent.Native;

/// <summary>A process that this one has started, with every signal at its default and none blocked.</summary>
/// <remarks>.NET hands down that SIGPIPE is ignored, and whatever else its own parent ignored: then <c>yes | head</c> never ends. Its id
/// stays taken until <see cref="Dispose"/>, so that no signal meets a stranger.</remarks>
public sealed class ChildProcess : IDisposable
{
    private const int ExitCodeOfSignal = 128;
    private const int WaiterStackBytes = 128 << 10;

    private readonly Lock _gate = new();
    private readonly TaskCompletionSource<int> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SafePipeHandle? _inputHandle;
    private readonly Stream? _input;
    private readonly Stream? _output;
    private readonly Stream? _errors;
    private bool _isDisposed;

    private ChildProcess(int id, SafePipeHandle? input, SafePipeHandle? output, SafePipeHandle? errors)
    {
        Id = id;
        _inputHandle = input;
        _input = input is null ? null : new AnonymousPipeClientStream(PipeDirection.Out, input);
        _output = output is null ? null : new AnonymousPipeClientStream(PipeDirection.In, output);
        _errors = errors is null ? null : new AnonymousPipeClientStream(PipeDirection.In, errors);
        new Thread(NoteEnd, WaiterStackBytes) { IsBackground = true, Name = $"waits for {id}" }.Start();
    }

    public int Id { get; }

    /// <summary>What it reads from standard input is written here.</summary>
    public Stream Input => _input ?? throw new InvalidOperationException("standard input is no pipe");

    /// <summary>What it writes to standard output is read here.</summary>
    public Stream Output => _output ?? throw new InvalidOperationException("standard output is no pipe");

    /// <summary>What it writes to standard error is read here.</summary>
    public Stream Errors => _errors ?? throw new InvalidOperationException("standard error is no pipe");

    /// <summary>How many bytes written to <see cref="Input"/> nobody has read yet.</summary>
    /// <exception cref="PosixException">The system cannot say.</exception>
    public int UnreadInput => _inputHandle is { } input ? ChildPipes.Unread(input) : 0;

    public bool HasEnded => _ended.Task.IsCompleted;

    /// <summary>128 and the number of the signal where one has ended it; -1 where the system does not say.</summary>
    /// <exception cref="InvalidOperationException">It still runs.</exception>
    public int ExitCode => HasEnded ? _ended.Task.Result : throw new InvalidOperationException($"process {Id} still runs");

    /// <summary>Starts a process. A text file without a line <c>#!</c> is given to <c>/bin/sh</c>, as shells do.</summary>
    /// <exception cref="PosixException">It cannot be started.</exception>
    public static ChildProcess Start(ChildStart start)
    {
        using var pipes = new ChildPipes(start);
        int id = ChildSpawn.Start(start, pipes);
        return new ChildProcess(id, pipes.TakeInput(), pipes.TakeOutput(), pipes.TakeErrors());
    }

    public Task WaitForEndAsync(CancellationToken cancellationToken) => _ended.Task.WaitAsync(cancellationToken);

    /// <summary>Waits for its end on the calling thread.</summary>
    public void WaitForEnd() => _ended.Task.Wait();

    /// <summary>Ends it at once; its children are left alone.</summary>
    public void Kill()
    {
        lock (_gate)
        {
            if (!_isDisposed)
            {
                PosixProcess.Kill(Id);
            }
        }
    }

    /// <summary>Ends it at once with its children, theirs and so on, as far as their parents still live.</summary>
    public void KillWithDescendants()
    {
        try
        {
            using var process = Process.GetProcessById(Id);
            process.Kill(entireProcessTree: true);
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or Win32Exception or AggregateException)
        {
            // Some of them have ended meanwhile.
            Kill();
        }
    }

    /// <summary>Closes its pipes and forgets it; a process that still runs goes on.</summary>
    public void Dispose()
    {
        _input?.Dispose();
        _output?.Dispose();
        _errors?.Dispose();
        lock (_gate)
        {
            if (_isDisposed)
            {
                return;
            }
            _isDisposed = true;
            if (HasEnded)
            {
                ChildWait.Reap(Id);
            }
        }
    }

    private void NoteEnd()
    {
        int exitCode = ChildWait.ForEnd(Id, out bool isSignal);
        lock (_gate)
        {
            _ended.SetResult(isSignal ? ExitCodeOfSignal + exitCode : exitCode);
            if (_isDisposed)
            {
                ChildWait.Reap(Id);
            }
        }
    }
}
