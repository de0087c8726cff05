using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;

namespace CollectorAgent.Http;

/// <summary>Holds a small document back, so that its length can be told; a large one flows from its first portion on.</summary>
/// <remarks>A reader that does not take what it has asked for is dropped.</remarks>
/// <param name="response">Where it goes.</param>
/// <param name="lease">The share that the document has; while the reader is waited for, others have the turn.</param>
/// <param name="isLarge">Whether it is known to be longer than what is held back.</param>
internal sealed class DocumentWriter(HttpResponse response, DocumentLease lease, bool isLarge) : PipeWriter, IDisposable
{
    /// <summary>A document up to here is sent with its length.</summary>
    public const int MaxHeldBack = 1 << 20;

    /// <summary>A reader has so long for each portion.</summary>
    public static readonly TimeSpan MaxStall = TimeSpan.FromSeconds(10);

    private const int SegmentBytes = 64 << 10;

    private readonly List<(byte[] Bytes, int Length)> _full = [];
    private byte[] _last = [];
    private int _used;
    private int _heldBack;
    private long _unflushed;
    private bool _isStreaming = isLarge;
    private ITimer? _stall;

    public override bool CanGetUnflushedBytes => true;

    public override long UnflushedBytes => _unflushed;

    public override Memory<byte> GetMemory(int sizeHint = 0)
    {
        if (_isStreaming)
        {
            return response.BodyWriter.GetMemory(sizeHint);
        }
        if (_last.Length - _used < Math.Max(sizeHint, 1))
        {
            if (_last.Length > 0)
            {
                _full.Add((_last, _used));
            }
            _last = ArrayPool<byte>.Shared.Rent(Math.Max(SegmentBytes, sizeHint));
            _used = 0;
        }
        return _last.AsMemory(_used);
    }

    public override Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public override void Advance(int bytes)
    {
        _unflushed += bytes;
        if (_isStreaming)
        {
            response.BodyWriter.Advance(bytes);
        }
        else
        {
            _used += bytes;
            _heldBack += bytes;
        }
    }

    public override async ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        _unflushed = 0;
        if (_isStreaming)
        {
            return await UnlessStalledAsync(response.BodyWriter.FlushAsync(cancellationToken));
        }
        if (_heldBack < MaxHeldBack)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return default;
        }
        return await SendHeldBackAsync(cancellationToken);
    }

    /// <summary>Sends what is held back.</summary>
    public async Task FinishAsync(CancellationToken cancellationToken)
    {
        if (!_isStreaming)
        {
            response.ContentLength = _heldBack;
            await SendHeldBackAsync(cancellationToken);
        }
    }

    public override void CancelPendingFlush() => response.BodyWriter.CancelPendingFlush();

    public override void Complete(Exception? exception = null)
    {
        // The server completes the response itself.
    }

    public void Dispose()
    {
        _stall?.Dispose();
        _full.ForEach(s => ArrayPool<byte>.Shared.Return(s.Bytes));
        _full.Clear();
        if (_last.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_last);
            _last = [];
        }
    }

    private async ValueTask<FlushResult> SendHeldBackAsync(CancellationToken cancellationToken)
    {
        _isStreaming = true;
        FlushResult result = default;
        foreach (var (bytes, length) in _full.Append((_last, _used)))
        {
            result = await UnlessStalledAsync(response.BodyWriter.WriteAsync(bytes.AsMemory(0, length), cancellationToken));
            if (result.IsCompleted || result.IsCanceled)
            {
                break;
            }
        }
        return result;
    }

    private ValueTask<FlushResult> UnlessStalledAsync(ValueTask<FlushResult> flush) =>
        flush.IsCompletedSuccessfully ? flush : WaitAsync(flush);

    private async ValueTask<FlushResult> WaitAsync(ValueTask<FlushResult> flush)
    {
        _stall ??= lease.Budget.Time.CreateTimer(static w => ((DocumentWriter)w!).Drop(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _stall.Change(MaxStall, Timeout.InfiniteTimeSpan);
        lease.Pause();
        FlushResult result;
        try
        {
            result = await flush;
        }
        finally
        {
            _stall.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
        await lease.GoOnAsync(response.HttpContext.RequestAborted);
        return result;
    }

    private void Drop()
    {
        lease.Budget.CountDropped();
        response.HttpContext.Abort();
    }
}
