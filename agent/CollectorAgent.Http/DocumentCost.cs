namespace CollectorAgent.Http;

/// <summary>What a document holds in memory while it is made and sent.</summary>
/// <param name="Fixed">Bytes that it needs in any case.</param>
/// <param name="Least">Bytes of rows that it needs beside these: a block of them.</param>
/// <param name="Most">Bytes of rows that it can make use of.</param>
internal readonly record struct DocumentCost(long Fixed, long Least = 0, long Most = 0)
{
    /// <summary>What the server keeps of any answer, its head, a portion on its way.</summary>
    private const long Overhead = 128 << 10;

    // The state of a compressor, see zlib.h, and the portion before it.
    private const long Compression = 384 << 10;

    /// <param name="request">Says whether the document is compressed.</param>
    /// <param name="textBytes">How long it may be at most, roughly; of that at most <see cref="DocumentWriter.MaxHeldBack"/> are held.</param>
    /// <param name="factBytes">What it is made of, but for rows.</param>
    public static DocumentCost Of(Microsoft.AspNetCore.Http.HttpRequest request, long textBytes, long factBytes) => new(
        Overhead
        + (request.Headers.AcceptEncoding.Count > 0 ? Compression : 0)
        + Math.Min(textBytes, DocumentWriter.MaxHeldBack)
        + factBytes);

    /// <summary>With rows.</summary>
    public DocumentCost WithCells(int least, int most) => this with { Least = (long)least * sizeof(double), Most = (long)most * sizeof(double) };
}
