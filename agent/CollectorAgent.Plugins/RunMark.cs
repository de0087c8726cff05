using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using CollectorAgent.Protocol;

namespace CollectorAgent.Plugins;

/// <summary>By what the processes of plugins are found and told apart, run by run: a text in their environment, and a limit of file
/// locks.</summary>
/// <remarks>The environment is what a process makes of it. The limit is inherited by whatever it starts, by a daemon in a session of its
/// own with an empty environment, too; Linux has not looked at it since 2.4.25. Of its 18 digits twelve are the agent's, six the
/// run's.</remarks>
internal sealed class RunMark
{
    private const int Runs = 1_000_000;
    private const long LeastToken = 100_000_000_000;
    private const ulong Tokens = 900_000_000_000;

    // Whoever is left of an older run was found long ago.
    private const int NamedRuns = 10_000;

    private readonly long _token = LeastToken + (long)(BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong))) % Tokens);
    private readonly ConcurrentDictionary<int, string> _names = new();
    private int _runs;

    /// <summary>Tells this agent's processes from those of another.</summary>
    public string Token => _token.ToString(CultureInfo.InvariantCulture);

    /// <summary>Begins a run of a plugin.</summary>
    /// <returns>Its number, 1 or more.</returns>
    public int Begin(string plugin)
    {
        int run = (Interlocked.Increment(ref _runs) - 1) % (Runs - 1) + 1;
        _names[run] = plugin;
        _names.TryRemove(run - NamedRuns, out _);
        return run;
    }

    /// <summary>The plugin of a run.</summary>
    public string Plugin(int run) => _names.GetValueOrDefault(run, "of an earlier run");

    /// <summary>The value of <see cref="PluginEnvironment.Mark"/> in the environment of a run.</summary>
    public string Text(int run) => string.Create(CultureInfo.InvariantCulture, $"{Token}-{run}-{Plugin(run)}");

    /// <summary>The limit of file locks of a run.</summary>
    public long FileLockLimit(int run) => _token * Runs + run;

    /// <summary>The run that a limit is of; 0 for none of this agent.</summary>
    public int RunOf(long fileLockLimit) => fileLockLimit / Runs == _token ? (int)(fileLockLimit % Runs) : 0;

    /// <summary>The run that an environment is of, likewise.</summary>
    /// <param name="environment">Variables, each with a zero behind it.</param>
    public int RunOf(ReadOnlySpan<byte> environment)
    {
        int start = environment.IndexOf(Encoding.UTF8.GetBytes($"{PluginEnvironment.Mark}={Token}-"));
        if (start < 0)
        {
            return 0;
        }
        var digits = environment[(start + PluginEnvironment.Mark.Length + Token.Length + 2)..];
        return System.Buffers.Text.Utf8Parser.TryParse(digits, out int run, out _) ? run : 0;
    }
}
