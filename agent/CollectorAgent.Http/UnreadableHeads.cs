using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace CollectorAgent.Http;

/// <summary>Hears from the server of requests that it refuses by itself, before there is anything to answer: without it nothing says why.</summary>
public sealed class UnreadableHeads(RefusalLog log) : IObserver<KeyValuePair<string, object?>>
{
    private const string BadRequest = "Microsoft.AspNetCore.Server.Kestrel.BadRequest";

    /// <summary>Whether an event is one to be told of.</summary>
    public static bool IsWanted(string name) => name == BadRequest;

    public void OnNext(KeyValuePair<string, object?> value)
    {
        if (value.Value is IFeatureCollection features && features.Get<IBadRequestExceptionFeature>()?.Error is BadHttpRequestException error)
        {
            log.Say(error.Message.Contains("Host", StringComparison.Ordinal)
                ? "Its Host header is missing, malformed, or there twice."
                : $"Its head cannot be read as HTTP/1.1, or is too long (status {error.StatusCode}).");
        }
    }

    public void OnCompleted()
    {
        // The server has ended.
    }

    public void OnError(Exception error)
    {
        // It says nothing of the kind.
    }
}
