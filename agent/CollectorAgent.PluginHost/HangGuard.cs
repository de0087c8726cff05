using System.Globalization;

namespace CollectorAgent.PluginHost;

/// <summary>Ends this process where a plugin's code does not return: a thread that hangs cannot be ended, so the agent starts all of it
/// anew.</summary>
/// <param name="end">Ends the process, and says this first.</param>
internal sealed class HangGuard(TimeProvider time, Action<string> end)
{
    /// <summary>As long as a program that prints lines may take.</summary>
    public static readonly TimeSpan Deadline = TimeSpan.FromMinutes(1);

    /// <summary>Calls the plugin.</summary>
    /// <param name="what">What is called, for the message.</param>
    public T Call<T>(string what, Func<T> call)
    {
        using (time.CreateTimer(_ => end(Sentence(what)), null, Deadline, Timeout.InfiniteTimeSpan))
        {
            return call();
        }
    }

    /// <inheritdoc cref="Call{T}"/>
    public void Call(string what, Action call)
    {
        using (time.CreateTimer(_ => end(Sentence(what)), null, Deadline, Timeout.InfiniteTimeSpan))
        {
            call();
        }
    }

    private static string Sentence(string what) =>
        string.Create(CultureInfo.InvariantCulture, $"no sample: {what} has not returned for {Deadline.TotalSeconds:0} s; ")
        + "ending the plugin, to be started again";
}
