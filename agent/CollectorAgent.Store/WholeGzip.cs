using System.IO.Compression;

namespace CollectorAgent.Store;

/// <summary>Unpacks gzip (RFC 1952), and refuses a stream that breaks off anywhere, also within the checksum and length at its end.</summary>
/// <remarks>.NET takes a stream that breaks off behind its data for a whole one. So bytes follow here that no trailer ends with: where a
/// part of the trailer is missing they take its place, and the length in it is wrong; behind a whole one they are not looked at.</remarks>
public static class WholeGzip
{
    /// <summary>Opens a stream that unpacks another one. Reading fails with <see cref="InvalidDataException"/> where that is no whole gzip.</summary>
    /// <param name="packed">Is disposed of with the result, unless it is left open.</param>
    public static Stream Unpack(Stream packed, bool leaveOpen = false) =>
        new Unpacked(new MarkedEnd(packed, leaveOpen));

    /// <summary>A stream whose copying ends where the gzip does: that of .NET reads on to the end of what it is given.</summary>
    private sealed class Unpacked(MarkedEnd packed) : GZipStream(packed, CompressionMode.Decompress)
    {
        public override void CopyTo(Stream destination, int bufferSize)
        {
            byte[] buffer = new byte[bufferSize];
            while (Read(buffer) is > 0 and var count)
            {
                destination.Write(buffer, 0, count);
            }
        }

        public override async Task CopyToAsync(Stream destination, int bufferSize, CancellationToken cancellationToken)
        {
            byte[] buffer = new byte[bufferSize];
            while (await ReadAsync(buffer, cancellationToken) is > 0 and var count)
            {
                await destination.WriteAsync(buffer.AsMemory(0, count), cancellationToken);
            }
        }
    }

    /// <summary>A stream with eight bytes more at its end. As a length they would be that of a document of 4 GiB.</summary>
    private sealed class MarkedEnd(Stream inner, bool leaveOpen) : Stream
    {
        private const int TrailerBytes = 8;
        private const byte Mark = 0xff;

        private int _left = TrailerBytes;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override int Read(Span<byte> buffer) => inner.Read(buffer) is > 0 and var count ? count : MarkEnd(buffer);

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            await inner.ReadAsync(buffer, cancellationToken) is > 0 and var count ? count : MarkEnd(buffer.Span);

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing && !leaveOpen)
            {
                inner.Dispose();
            }
            base.Dispose(disposing);
        }

        private int MarkEnd(Span<byte> buffer)
        {
            if (_left == 0)
            {
                // Behind a whole stream nobody asks for more than these bytes.
                throw new InvalidDataException("the gzip stream is cut short");
            }
            int count = Math.Min(_left, buffer.Length);
            buffer[..count].Fill(Mark);
            _left -= count;
            return count;
        }
    }
}
