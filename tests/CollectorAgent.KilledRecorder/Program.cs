using System.Globalization;
using CollectorAgent.KilledRecorder;
using CollectorAgent.Protocol;
using CollectorAgent.Sampling;
using CollectorAgent.Store;
using CollectorAgent.TestKit;
using Microsoft.Extensions.Logging.Abstractions;

// Records the known history as fast as it can, a line on stdout for each step that is committed, until it is killed.
const int Plugins = 3;
var options = new StoreOptions(args[0]);
using var store = new RrdStore(options, NullLogger.Instance);
store.Load(DateTimeOffset.MaxValue);
long step = Math.Max(store.LastStep + 1, KnownHistory.FirstStep);
var time = new ManualTime(DateTimeOffset.FromUnixTimeSeconds(step * KnownHistory.StepSeconds) + RecordingClock.TickDelay);
using var sampler = new Sampler(store, time, NullLogger<Sampler>.Instance);
var sync = new StoreSync(store, TimeProvider.System, NullLogger.Instance);
var pages = Enumerable.Range(0, Plugins).Select(_ => new BytesPage()).ToArray();
foreach (var (i, page) in pages.Index())
{
    sampler.TryAdd($"plugin{i}", page, PagePermit.Unlimited);
}
// As in the agent: the disk is waited for beside the ticks.
new Thread(() =>
{
    while (true)
    {
        sync.Sync();
    }
})
{ IsBackground = true }.Start();
using var output = Console.OpenStandardOutput();
Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"from {step}"));
for (; ; step++)
{
    foreach (var (i, page) in pages.Index())
    {
        var sources = KnownHistory.Sources(i, step);
        page.Bytes = PageWriter.Version2(step * KnownHistory.StepSeconds, sources, [.. sources.Select(s => KnownHistory.Raw(s, step))]);
    }
    sampler.Tick();
    Console.Out.WriteLine(step.ToString(CultureInfo.InvariantCulture));
    time.Advance(TimeSpan.FromSeconds(KnownHistory.StepSeconds));
}
