using Microsoft.Extensions.Logging;

namespace CollectorAgent.Http;

/// <summary>Says in the log what was refused, once a minute at most: whoever sends it can send it again and again.</summary>
public sealed class RefusalLog(TimeProvider time, ILogger<RefusalLog> log)
{
    private static readonly TimeSpan Silence = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private long? _said;
    private long _unsaid;

    /// <param name="sentence">Bounded, and fit for a line of the log.</param>
    public void Say(string sentence)
    {
        lock (_gate)
        {
            if (_said is { } said && time.GetElapsedTime(said) < Silence)
            {
                _unsaid++;
                return;
            }
            Log.Refused(log, sentence, _unsaid);
            (_said, _unsaid) = (time.GetTimestamp(), 0);
        }
    }
}
