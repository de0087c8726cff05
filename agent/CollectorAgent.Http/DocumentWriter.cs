using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;

namespace CollectorAgent.Http;

/// <summary>Holds a document back while it is small, so that its length can be told; a large one is streamed in portions.</summary>
/// <remarks>What is written is gathered here in either case: the server's own writer takes a lock for every number.</remarks>
internal sealed class DocumentWriter(HttpResponse response) : PipeWriter
{
    /// <summary>A document up to here is sent with its length.</summary>
    private const int MaxHeldBack = 1 << 20;

    private readonly ArrayBufferWriter<byte> _gathered = new(4096);
    private bool _isStreaming;

    public override Memory<byte> GetMemory(int sizeHint = 0) => _gathered.GetMemory(sizeHint);

    public override Span<byte> GetSpan(int sizeHint = 0) => _gathered.GetSpan(sizeHint);

    public override void Advance(int bytes) => _gathered.Advance(bytes);

    public override async ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        if (!_isStreaming && _gathered.WrittenCount < MaxHeldBack)
        {
            return default;
        }
        _isStreaming = true;
        var result = await response.BodyWriter.WriteAsync(_gathered.WrittenMemory, cancellationToken);
        _gathered.ResetWrittenCount();
        return result;
    }

    /// <summary>Sends what is held back.</summary>
    public async Task FinishAsync(CancellationToken cancellationToken)
    {
        if (!_isStreaming)
        {
            response.ContentLength = _gathered.WrittenCount;
        }
        await response.BodyWriter.WriteAsync(_gathered.WrittenMemory, cancellationToken);
    }

    public override void CancelPendingFlush() => response.BodyWriter.CancelPendingFlush();

    public override void Complete(Exception? exception = null)
    {
        // The server completes the response itself.
    }
}
