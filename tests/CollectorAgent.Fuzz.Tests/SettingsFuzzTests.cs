using CollectorAgent.Hooks;
using Microsoft.Extensions.Logging;
using Xunit.Abstractions;

namespace CollectorAgent.Fuzz.Tests;

/// <summary>The file of what a toolstack said once.</summary>
public sealed class SettingsFuzzTests(ITestOutputHelper output) : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("ca-fuzz-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void File_has_settings_that_can_be_kept_or_is_said_to_be_of_no_use()
    {
        string path = Path.Combine(_folder.FullName, "toolstack.json");
        byte[][] seeds =
        [
            "{\"use_min_max\":true,\"cache_sr\":\"5b7a1c1e-0000-4000-8000-000000000001\"}"u8.ToArray(),
            "{\"use_min_max\":false,\"cache_sr\":null,\"later\":[{\"a\":1}]}"u8.ToArray(),
        ];
        new Fuzzing("settings", seeds, output) { Words = ["\"use_min_max\":", "\"cache_sr\":", "{\"a\":[", "true", "null"] }.Run(bytes =>
        {
            File.WriteAllBytes(path, bytes);
            var log = new CountingLog();
            var settings = new ToldSettings(path, log);
            if (log.Lines > 0)
            {
                Assert.Equal(new ToldValues(), settings.Values);
            }
            settings.Change(v => v);
            Assert.Equal(settings.Values, new ToldSettings(path, new CountingLog()).Values);
            return log.Lines == 0;
        });
    }

    private sealed class CountingLog : ILogger<ToldSettings>
    {
        public int Lines { get; private set; }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => Lines++;
    }
}
