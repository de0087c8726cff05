using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;

namespace CollectorAgent.Http;

/// <summary>Holds a small document back, so that its length can be told; a large one flows from its first portion on.</summary>
/// <param name="response">Where it goes.</param>
/// <param name="isLarge">Whether it is known to be longer than what is held back.</param>
internal sealed class DocumentWriter(HttpResponse response, bool isLarge) : PipeWriter, IDisposable
{
    /// <summary>A document up to here is sent with its length.</summary>
    public const int MaxHeldBack = 1 << 20;

    private byte[] _gathered = isLarge ? [] : ArrayPool<byte>.Shared.Rent(64 << 10);
    private int _length;
    private bool _isStreaming = isLarge;

    public override Memory<byte> GetMemory(int sizeHint = 0)
    {
        if (_isStreaming)
        {
            return response.BodyWriter.GetMemory(sizeHint);
        }
        int needed = _length + Math.Max(sizeHint, 1);
        if (needed > _gathered.Length)
        {
            byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(needed, 2 * _gathered.Length));
            _gathered.AsSpan(0, _length).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_gathered);
            _gathered = larger;
        }
        return _gathered.AsMemory(_length);
    }

    public override Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public override void Advance(int bytes)
    {
        if (_isStreaming)
        {
            response.BodyWriter.Advance(bytes);
        }
        else
        {
            _length += bytes;
        }
    }

    public override async ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        if (_isStreaming)
        {
            return await response.BodyWriter.FlushAsync(cancellationToken);
        }
        if (_length < MaxHeldBack)
        {
            return default;
        }
        _isStreaming = true;
        return await response.BodyWriter.WriteAsync(_gathered.AsMemory(0, _length), cancellationToken);
    }

    /// <summary>Sends what is held back.</summary>
    public async Task FinishAsync(CancellationToken cancellationToken)
    {
        if (!_isStreaming)
        {
            response.ContentLength = _length;
            await response.BodyWriter.WriteAsync(_gathered.AsMemory(0, _length), cancellationToken);
        }
    }

    public override void CancelPendingFlush() => response.BodyWriter.CancelPendingFlush();

    public override void Complete(Exception? exception = null)
    {
        // The server completes the response itself.
    }

    public void Dispose()
    {
        if (_gathered.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_gathered);
        }
    }
}
