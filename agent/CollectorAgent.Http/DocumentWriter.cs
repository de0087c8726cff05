using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;

namespace CollectorAgent.Http;

/// <summary>Holds a document back while it is small, so that its length can be told; a large one is streamed in portions.</summary>
/// <remarks>What is written is gathered here in either case: the server's own writer takes a lock for every number.</remarks>
internal sealed class DocumentWriter(HttpResponse response) : PipeWriter, IDisposable
{
    /// <summary>A document up to here is sent with its length.</summary>
    private const int MaxHeldBack = 1 << 20;

    private byte[] _gathered = ArrayPool<byte>.Shared.Rent(64 << 10);
    private int _length;
    private bool _isStreaming;

    public override Memory<byte> GetMemory(int sizeHint = 0)
    {
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

    public override void Advance(int bytes) => _length += bytes;

    public override async ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        if (!_isStreaming && _length < MaxHeldBack)
        {
            return default;
        }
        _isStreaming = true;
        var result = await response.BodyWriter.WriteAsync(_gathered.AsMemory(0, _length), cancellationToken);
        _length = 0;
        return result;
    }

    /// <summary>Sends what is held back.</summary>
    public async Task FinishAsync(CancellationToken cancellationToken)
    {
        if (!_isStreaming)
        {
            response.ContentLength = _length;
        }
        await response.BodyWriter.WriteAsync(_gathered.AsMemory(0, _length), cancellationToken);
    }

    public override void CancelPendingFlush() => response.BodyWriter.CancelPendingFlush();

    public override void Complete(Exception? exception = null)
    {
        // The server completes the response itself.
    }

    public void Dispose() => ArrayPool<byte>.Shared.Return(_gathered);
}
