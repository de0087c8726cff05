namespace CollectorAgent.TestKit;

/// <summary>Waits for what another thread or process does, with a deadline.</summary>
public static class Wait
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(120);

    /// <exception cref="TimeoutException">It has not come in time.</exception>
    public static async Task UntilAsync(Func<bool> isSo, Func<string> what)
    {
        long start = TimeProvider.System.GetTimestamp();
        while (!isSo())
        {
            if (TimeProvider.System.GetElapsedTime(start) >= Deadline)
            {
                throw new TimeoutException("waited in vain for " + what());
            }
            await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System);
        }
    }
}
