using System.Net;

namespace CollectorAgent.Forwarding;

/// <summary>The socket on which connections are handed over; an end point of its own kind, so that the server asks
/// <see cref="ForwardedTransport"/> to listen there.</summary>
public sealed class ForwardedEndPoint(string path) : EndPoint
{
    public string Path => path;

    public override string ToString() => path;
}
