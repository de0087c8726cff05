namespace CollectorAgent.Plugins;

/// <summary>How long a plugin that has ended waits until it is started again, and when to give up.</summary>
internal sealed class BackOff(TimeProvider time, Random random)
{
    /// <summary>More ends than this within <see cref="Window"/>, and the plugin is given up.</summary>
    public const int MostEnds = 10;

    public static readonly TimeSpan Window = TimeSpan.FromMinutes(10);

    private static readonly TimeSpan FirstDelay = TimeSpan.FromSeconds(0.25);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromMinutes(1);

    // A plugin that ran this long is no longer held back for its earlier ends.
    private static readonly TimeSpan GoodRun = TimeSpan.FromMinutes(1);

    // Plugins that end together, as by a common cause, do not start together. A part of the delay.
    private const double Jitter = 0.25;

    private readonly Queue<long> _ends = new();
    private TimeSpan _delay = FirstDelay;

    /// <summary>A run has ended.</summary>
    /// <param name="run">How long it lasted.</param>
    /// <returns>The delay until the next one; null to give up.</returns>
    public TimeSpan? After(TimeSpan run)
    {
        _ends.Enqueue(time.GetTimestamp());
        while (time.GetElapsedTime(_ends.Peek()) > Window)
        {
            _ends.Dequeue();
        }
        if (_ends.Count > MostEnds)
        {
            return null;
        }
        var delay = run >= GoodRun ? FirstDelay : _delay;
        _delay = delay * 2 < LongestDelay ? delay * 2 : LongestDelay;
        return delay * (1 + Jitter * (2 * random.NextDouble() - 1));
    }

    /// <summary>Forgets what was.</summary>
    public void Reset()
    {
        _ends.Clear();
        _delay = FirstDelay;
    }
}
