using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace CollectorAgent.Peers;

/// <summary>Where another host takes RRDs, over TLS.</summary>
public sealed record PeerAddress
{
    public const int StandardPort = 443;

    private const int MaxHostLength = 253;

    private PeerAddress(string host, int port)
    {
        Host = host;
        Port = port;
    }

    /// <summary>A name or an address; IPv6 without brackets.</summary>
    public string Host { get; }

    public int Port { get; }

    /// <summary>Reads <c>host</c>, <c>host:port</c>, an IPv6 address, or <c>[IPv6]:port</c>. A caller names it, and a request is made of it:
    /// a path, a user or a blank in it would make another request.</summary>
    /// <exception cref="PeerException">It is none of them.</exception>
    public static PeerAddress Parse(string text)
    {
        string host = text;
        int port = StandardPort;
        int colon = text.LastIndexOf(':');
        bool isBareIPv6 = colon > text.IndexOf(':', StringComparison.Ordinal) && !text.StartsWith('[');
        if (colon >= 0 && !isBareIPv6 && !text.EndsWith(']'))
        {
            host = text[..colon];
            if (!int.TryParse(text[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out port) || port is < 1 or > ushort.MaxValue)
            {
                throw Wrong(text);
            }
        }
        if (host.StartsWith('[') && host.EndsWith(']'))
        {
            host = host[1..^1];
            return IsIPv6(host) ? new PeerAddress(host, port) : throw Wrong(text);
        }
        return IsIPv6(host) || IsName(host) ? new PeerAddress(host, port) : throw Wrong(text);
    }

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{(Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]" : Host)}:{Port}");

    internal Uri Uri(string pathAndQuery) => new($"https://{this}{pathAndQuery}");

    private static bool IsIPv6(string text) =>
        text.Length > 0
        && text.All(c => char.IsAsciiHexDigit(c) || c is ':' or '.')
        && IPAddress.TryParse(text, out var address)
        && address.AddressFamily == AddressFamily.InterNetworkV6;

    private static bool IsName(string text) =>
        text.Length is > 0 and <= MaxHostLength
        && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-')
        && text[0] is not ('.' or '-')
        && System.Uri.TryCreate($"https://{text}/", UriKind.Absolute, out var uri)
        // 0x7f.1 and 2130706433 are 127.0.0.1 to some: what is shown must be what is meant.
        && uri.Host.Equals(text, StringComparison.OrdinalIgnoreCase);

    private static PeerException Wrong(string text) =>
        new($"'{Foreign.Line(text)}' is no address of a host: HOST, HOST:PORT, IPv6 or [IPv6]:PORT is");
}
