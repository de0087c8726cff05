using CollectorAgent.Rrd.Formats;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace CollectorAgent.Http;

/// <summary>Finds the form of metrics that a request asks for.</summary>
internal static class MetricsFormat
{
    private const string OpenMetricsType = "application/openmetrics-text";
    private const string PrometheusType = "text/plain";
    private const string PrometheusVersion = "0.0.4";

    private static readonly OpenMetricsWriter OpenMetrics = new();
    private static readonly OpenMetricsWriter Prometheus = new(isOpenMetrics: false);

    /// <summary>OpenMetrics where the Accept header names it and wants nothing more, or where there is none; else what every scraper
    /// reads.</summary>
    public static OpenMetricsWriter Of(HttpRequest request)
    {
        if (request.Headers.Accept.Count == 0)
        {
            return OpenMetrics;
        }
        var accepted = request.GetTypedHeaders().Accept;
        double open = Quality(accepted, r => r.MediaType.Equals(OpenMetricsType, StringComparison.OrdinalIgnoreCase)) ?? 0;
        double text = Quality(accepted, IsPrometheus) ?? Quality(accepted, r => r.MatchesAllTypes || (r.MatchesAllSubTypes && IsText(r))) ?? 0;
        return open > 0 && open >= text ? OpenMetrics : Prometheus;
    }

    private static double? Quality(IList<MediaTypeHeaderValue> accepted, Func<MediaTypeHeaderValue, bool> matches) =>
        accepted.Where(matches).Max(r => (double?)(r.Quality ?? 1));

    private static bool IsText(MediaTypeHeaderValue range) => range.Type.Equals("text", StringComparison.OrdinalIgnoreCase);

    private static bool IsPrometheus(MediaTypeHeaderValue range)
    {
        if (!range.MediaType.Equals(PrometheusType, StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }
        var version = range.Parameters.FirstOrDefault(p => p.Name.Equals("version", StringComparison.OrdinalIgnoreCase));
        return version is null || HeaderUtilities.RemoveQuotes(version.Value).Equals(PrometheusVersion, StringComparison.Ordinal);
    }
}
