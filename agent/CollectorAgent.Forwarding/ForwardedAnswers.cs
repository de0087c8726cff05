using System.Globalization;
using System.Net;
using System.Text;

namespace CollectorAgent.Forwarding;

/// <summary>The answers that are given without the HTTP server.</summary>
internal static class ForwardedAnswers
{
    /// <summary>Before the body: its sender waits for this, and looks at nothing that comes after it.</summary>
    public static readonly byte[] Send = "HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nCache-Control: no-cache, no-store\r\n\r\n"u8.ToArray();

    public static readonly byte[] Continue = "HTTP/1.1 100 Continue\r\n\r\n"u8.ToArray();

    public static readonly byte[] Stored = "HTTP/1.1 200 OK\r\nConnection: close\r\nCache-Control: no-cache, no-store\r\nrrd-stored: true\r\nContent-Length: 0\r\n\r\n"u8.ToArray();

    public static byte[] Page(int status, string text)
    {
        string reason = status switch
        {
            400 => "Bad Request",
            411 => "Length Required",
            413 => "Payload Too Large",
            500 => "Internal Error",
            _ => "Refused",
        };
        byte[] page = Encoding.UTF8.GetBytes($"<html><body><h1>HTTP {status}</h1><p>{WebUtility.HtmlEncode(text)}</p></body></html>\n");
        string head = string.Create(
            CultureInfo.InvariantCulture,
            $"HTTP/1.1 {status} {reason}\r\nConnection: close\r\nCache-Control: no-cache, no-store\r\nContent-Type: text/html; charset=utf-8\r\n")
            + string.Create(CultureInfo.InvariantCulture, $"Content-Length: {page.Length}\r\n\r\n");
        return [.. Encoding.ASCII.GetBytes(head), .. page];
    }
}
