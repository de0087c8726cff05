namespace CollectorAgent.Daemon;

/// <summary>What the agent does with the disk before it starts: where it fails, the start does, with a sentence.</summary>
public static class StartStep
{
    /// <param name="what">What cannot be done, as the beginning of a sentence.</param>
    /// <param name="advice">What to do about it, as a sentence.</param>
    /// <exception cref="StartException">It cannot be done.</exception>
    public static T Do<T>(string what, string advice, Func<T> step)
    {
        try
        {
            return step();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StartException($"{what}: {Trouble.Of(e)}. {advice}", e);
        }
    }

    /// <inheritdoc cref="Do{T}"/>
    public static void Do(string what, string advice, Action step) => Do(what, advice, () =>
    {
        step();
        return true;
    });
}
