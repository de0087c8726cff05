using System.IO.Pipelines;

namespace CollectorAgent.Benchmarks;

/// <summary>Takes bytes and forgets them: what is left is the cost of writing.</summary>
internal sealed class NullPipe : PipeWriter
{
    private readonly byte[] _buffer = new byte[64 << 10];
    private int _used;

    public override Memory<byte> GetMemory(int sizeHint = 0)
    {
        if (_buffer.Length - _used < Math.Max(sizeHint, 1))
        {
            _used = 0;
        }
        return _buffer.AsMemory(_used);
    }

    public override Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public override void Advance(int bytes) => _used += bytes;

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        _used = 0;
        return default;
    }

    public override void CancelPendingFlush()
    {
        // No flush is ever pending.
    }

    public override void Complete(Exception? exception = null)
    {
        // There is nothing to end.
    }
}
