using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace CollectorAgent.Benchmarks;

/// <summary>The least that a client can do: asks over one connection that stays open, and counts what comes.</summary>
internal sealed class HttpReader : IDisposable
{
    private readonly Socket _socket = new(SocketType.Stream, ProtocolType.Tcp);
    private readonly byte[] _buffer = new byte[256 << 10];
    private readonly TimeProvider _time;
    private int _start;
    private int _end;

    public HttpReader(IPEndPoint server, TimeProvider time)
    {
        _time = time;
        _socket.NoDelay = true;
        _socket.Connect(server);
    }

    /// <summary>From the request to the first byte of the last body.</summary>
    public TimeSpan FirstByte { get; private set; }

    /// <summary>Fetches a document.</summary>
    /// <param name="body">Where to keep it; null to forget it.</param>
    /// <returns>Its length.</returns>
    public long Get(string path, Stream? body = null)
    {
        long asked = _time.GetTimestamp();
        _socket.Send(Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n"));
        _start = _end = 0;
        string status = Line();
        if (!status.StartsWith("HTTP/1.1 200 ", StringComparison.Ordinal))
        {
            throw new InvalidOperationException($"{path}: {status}");
        }
        long length = -1;
        for (string header = Line(); header.Length > 0; header = Line())
        {
            if (header.StartsWith("Content-Length: ", StringComparison.OrdinalIgnoreCase))
            {
                length = long.Parse(header.AsSpan(header.IndexOf(' ', StringComparison.Ordinal)), CultureInfo.InvariantCulture);
            }
        }
        if (_start == _end)
        {
            Receive();
        }
        FirstByte = _time.GetElapsedTime(asked);
        if (length >= 0)
        {
            Take(length, body);
            return length;
        }
        long total = 0;
        while (long.Parse(Line(), NumberStyles.HexNumber, CultureInfo.InvariantCulture) is > 0 and var chunk)
        {
            Take(chunk, body);
            Line();
            total += chunk;
        }
        Line();
        return total;
    }

    public void Dispose() => _socket.Dispose();

    private void Take(long count, Stream? body)
    {
        while (count > 0)
        {
            if (_start == _end)
            {
                Receive();
            }
            int taken = (int)Math.Min(count, _end - _start);
            body?.Write(_buffer, _start, taken);
            _start += taken;
            count -= taken;
        }
    }

    private string Line()
    {
        int length;
        while ((length = _buffer.AsSpan(_start.._end).IndexOf("\r\n"u8)) < 0)
        {
            // What is left of a line goes to the front.
            _buffer.AsSpan(_start.._end).CopyTo(_buffer);
            _end -= _start;
            _start = 0;
            Receive();
        }
        string line = Encoding.ASCII.GetString(_buffer, _start, length);
        _start += length + 2;
        return line;
    }

    private void Receive()
    {
        if (_start == _end)
        {
            _start = _end = 0;
        }
        int count = _socket.Receive(_buffer.AsSpan(_end));
        if (count == 0)
        {
            throw new InvalidOperationException("the server has closed the connection");
        }
        _end += count;
    }
}
