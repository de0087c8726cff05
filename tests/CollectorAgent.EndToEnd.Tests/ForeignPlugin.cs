using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;

namespace CollectorAgent.EndToEnd.Tests;

/// <summary>A plugin that speaks MessagePack-RPC by somebody else's implementation. It is killed at the end.</summary>
internal sealed class ForeignPlugin : IDisposable
{
    private readonly Process _process;
    private readonly Task<string> _errors;

    private ForeignPlugin(ProcessStartInfo start)
    {
        start.RedirectStandardError = true;
        _process = Process.Start(start)!;
        _errors = _process.StandardError.ReadToEndAsync();
    }

    /// <summary>Where tests/run puts the npm package.</summary>
    public static string NodeModules => InRepository("artifacts", "node", "node_modules");

    public int Pid => _process.Id;

    /// <summary>On Debian's python3-msgpack.</summary>
    /// <param name="samples">Number of samples before it takes its leave; 0: it never does.</param>
    public static ForeignPlugin Python(string socket, string uid, int samples) => new(new ProcessStartInfo(
        "/usr/bin/python3", [InRepository("tests", "fixtures", "msgpack_plugin.py"), socket, uid, samples.ToString(CultureInfo.InvariantCulture)]));

    /// <summary>On the npm package @msgpack/msgpack.</summary>
    /// <inheritdoc cref="Python"/>
    public static ForeignPlugin Node(string socket, string uid, int samples) => new(new ProcessStartInfo(
        "node", [InRepository("tests", "fixtures", "node", "msgpack_plugin.js"), socket, uid, samples.ToString(CultureInfo.InvariantCulture)])
    {
        Environment = { ["NODE_PATH"] = NodeModules },
    });

    /// <returns>Its exit code and what it has written to standard error.</returns>
    public async Task<(int ExitCode, string Errors)> EndAsync()
    {
        await _process.WaitForExitAsync().WaitAsync(AgentProcess.Deadline);
        return (_process.ExitCode, await _errors);
    }

    /// <summary>kill -9.</summary>
    public void Kill() => _process.Kill();

    public void Dispose()
    {
        _process.Kill();
        _process.Dispose();
    }

    private static string InRepository(params string[] path) => Path.Combine([Repository(), .. path]);

    private static string Repository([CallerFilePath] string thisFile = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(thisFile)!, "..", ".."));
}
