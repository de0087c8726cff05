using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace CollectorAgent.Plugins.Tests;

/// <summary>A log that a test waits for.</summary>
internal sealed class LineLog : ILogger
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(120);

    private readonly Channel<string> _lines = Channel.CreateUnbounded<string>();

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _lines.Writer.TryWrite(formatter(state, exception));

    /// <summary>The next line with this text in it, without the name of plugin p.</summary>
    public async Task<string> LineAsync(string text)
    {
        using var deadline = new CancellationTokenSource(Deadline);
        await foreach (string line in _lines.Reader.ReadAllAsync(deadline.Token))
        {
            if (line.Contains(text, StringComparison.Ordinal))
            {
                return line.Replace("Plugin p: ", "", StringComparison.Ordinal).Replace("Plugin p ", "", StringComparison.Ordinal);
            }
        }
        throw new InvalidOperationException("the log ended");
    }
}

/// <summary>The same for a room's class.</summary>
internal sealed class LineLog<T>(LineLog log) : ILogger<T>
{
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        log.Log(logLevel, eventId, state, exception, formatter);
}
