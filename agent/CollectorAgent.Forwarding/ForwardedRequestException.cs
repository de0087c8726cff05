namespace CollectorAgent.Forwarding;

/// <summary>A forwarded request cannot be served; the client is told why.</summary>
/// <param name="message">One sentence without secrets: it is answered and logged.</param>
/// <param name="status">The HTTP status that says whose fault it is.</param>
public sealed class ForwardedRequestException(string message, int status = 500) : Exception(message)
{
    public int Status => status;
}
