using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;

namespace CollectorAgent.Http;

/// <summary>Holds a document back while it is small, so that its length can be told; a large one is streamed.</summary>
internal sealed class DocumentWriter(HttpResponse response) : PipeWriter
{
    /// <summary>A document up to here is sent with its length.</summary>
    private const int MaxHeldBack = 1 << 20;

    private readonly ArrayBufferWriter<byte> _heldBack = new(4096);
    private bool _isStreaming;

    public override Memory<byte> GetMemory(int sizeHint = 0) =>
        _isStreaming ? response.BodyWriter.GetMemory(sizeHint) : _heldBack.GetMemory(sizeHint);

    public override Span<byte> GetSpan(int sizeHint = 0) =>
        _isStreaming ? response.BodyWriter.GetSpan(sizeHint) : _heldBack.GetSpan(sizeHint);

    public override void Advance(int bytes)
    {
        if (_isStreaming)
        {
            response.BodyWriter.Advance(bytes);
        }
        else
        {
            _heldBack.Advance(bytes);
        }
    }

    public override async ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        if (_isStreaming)
        {
            return await response.BodyWriter.FlushAsync(cancellationToken);
        }
        if (_heldBack.WrittenCount < MaxHeldBack)
        {
            return default;
        }
        _isStreaming = true;
        return await response.BodyWriter.WriteAsync(_heldBack.WrittenMemory, cancellationToken);
    }

    /// <summary>Sends what is held back.</summary>
    public async Task FinishAsync(CancellationToken cancellationToken)
    {
        if (!_isStreaming)
        {
            response.ContentLength = _heldBack.WrittenCount;
            await response.BodyWriter.WriteAsync(_heldBack.WrittenMemory, cancellationToken);
        }
    }

    public override void CancelPendingFlush() => response.BodyWriter.CancelPendingFlush();

    public override void Complete(Exception? exception = null)
    {
        // The server completes the response itself.
    }
}
