namespace CollectorAgent.Sdk;

/// <summary>A stats plugin in an assembly: the one public class in it that implements this is the plugin.</summary>
/// <remarks>It has a constructor without parameters or with a <see cref="PluginContext"/>. It is disposed of when the plugin ends, where it
/// is an <see cref="IDisposable"/> or <see cref="IAsyncDisposable"/>.</remarks>
/// <example>
/// <code>
/// public sealed class Load : IStatsPlugin
/// {
///     private readonly ReportedSource _load = new("load") { Type = ReportedType.Gauge, IsDefault = true };
///
///     public void Collect(SampleBatch batch) => batch.Report(_load, ReadLoad());
/// }
/// </code>
/// </example>
public interface IStatsPlugin
{
    /// <summary>Reports the values of one sample; called once a step, just before the agent reads them.</summary>
    /// <exception cref="IOException">There is no sample this time; the next one is asked for as usual. The same holds for
    /// <see cref="UnauthorizedAccessException"/>; anything else ends the plugin.</exception>
    void Collect(SampleBatch batch);
}
