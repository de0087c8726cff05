using System.Buffers;
using System.IO.Pipelines;
using CollectorAgent.Http;
using Xunit.Abstractions;

namespace CollectorAgent.Fuzz.Tests;

/// <summary>Requests on the Unix socket, before the server reads them.</summary>
public sealed class HostHeaderFuzzTests(ITestOutputHelper output)
{
    private static readonly string[] Words =
    [
        "GET / HTTP/1.1\r\n", "Host: a\r\n", "host:b\n", "Content-Length: 5\r\n", "Content-Length: ", "Transfer-Encoding: chunked\r\n", "\r\n", "\r\n\r\n",
        "0\r\n\r\n", "ffffffffffffffff\r\n", "5;a=b\r\n", "Transfer-Encoding: gzip, chunked\r\n", "Upgrade: x\r\n", "CONNECT a HTTP/1.1\r\n",
    ];

    // Nothing waits: there is room for everything, and whoever is woken goes on at once.
    private static readonly PipeOptions AtOnce = new(
        readerScheduler: PipeScheduler.Inline, writerScheduler: PipeScheduler.Inline, pauseWriterThreshold: 0, useSynchronizationContext: false);

    [Fact]
    public void Bytes_are_copied_with_other_Host_headers_however_they_come() =>
        // Longer lines are copied as they are from where that is seen, which depends on how they come.
        new Fuzzing("host-header", Seeds(), output) { Words = Words, MaxBytes = 32 << 10 }.Run(bytes =>
        {
            byte[] copied = Filtered(bytes, bytes.Length + 1);
            Assert.Equal(copied, Filtered(bytes, 1 + bytes.Length % 50));
            // What is not understood is left as it is.
            return !copied.AsSpan().SequenceEqual(bytes);
        });

    private static IEnumerable<byte[]> Seeds() =>
    [
        "GET /status HTTP/1.1\r\nHost: /var/lib/xcp/xcp-rrdd\r\nAccept: */*\r\n\r\nGET /metrics HTTP/1.1\r\nhost:\r\n\r\n"u8.ToArray(),
        "POST / HTTP/1.1\r\nContent-Length: 5\r\nHost: a\r\n\r\nHost:PUT /rrd HTTP/1.0\r\n\r\n"u8.ToArray(),
        "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nHost:\r\n0\r\nTrailer: x\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"u8.ToArray(),
        "Host: a\r\n"u8.ToArray(),
        "no request at all"u8.ToArray(),
    ];

    private static byte[] Filtered(byte[] bytes, int pieceBytes)
    {
        var input = new Pipe(AtOnce);
        var copied = new Pipe(AtOnce);
        var running = new HostHeaderFilter(input.Reader, copied.Writer).RunAsync();
        for (int at = 0; at < bytes.Length; at += pieceBytes)
        {
            input.Writer.Write(bytes.AsSpan(at, Math.Min(pieceBytes, bytes.Length - at)));
            Assert.True(input.Writer.FlushAsync().AsTask().IsCompletedSuccessfully);
        }
        input.Writer.Complete();
        Assert.True(running.IsCompletedSuccessfully);
        Assert.True(copied.Reader.TryRead(out var read));
        byte[] all = read.Buffer.ToArray();
        copied.Reader.Complete();
        return all;
    }
}
