namespace CollectorAgent.Sdk;

/// <summary>Keeps statistics that fail from taking others of the same page along: they cost their own values only.</summary>
/// <param name="what">What is measured, for messages.</param>
/// <param name="report">Reports the values; what it reported before it failed counts.</param>
/// <param name="errors">Is told when it begins to fail, when the reason changes, and when it is complete again.</param>
public sealed class StatsBoundary(string what, Action<SampleBatch> report, TextWriter errors)
{
    private string? _trouble;

    /// <summary>Reports, and bears an <see cref="IOException"/> or <see cref="UnauthorizedAccessException"/>.</summary>
    public void Report(SampleBatch batch)
    {
        string? trouble = null;
        try
        {
            report(batch);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            trouble = e.Message;
        }
        if (trouble != _trouble)
        {
            errors.WriteLine($"{what}: {trouble ?? "complete again"}");
            _trouble = trouble;
        }
    }
}
