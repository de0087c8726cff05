using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace CollectorAgent.Http;

/// <summary>Finds the form that a request asks for.</summary>
internal static class DocumentFormats
{
    private const string JsonType = "application/json";
    private const string XmlType = "text/xml";

    public static string ContentType(this DocumentFormat format) => format == DocumentFormat.Json ? JsonType : XmlType;

    /// <summary>The most wanted type of the Accept header, JSON before XML; where it names neither or cannot be read, the key
    /// <c>json</c> decides, whatever its value.</summary>
    public static DocumentFormat Of(HttpRequest request) =>
        ByAccept(request.Headers.Accept.ToString()) ?? (request.Query.ContainsKey("json") ? DocumentFormat.Json : DocumentFormat.Xml);

    private static DocumentFormat? ByAccept(string accept)
    {
        double jsonQuality = 0;
        double xmlQuality = 0;
        foreach (string entry in accept.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            string[] parts = entry.Split(';', StringSplitOptions.TrimEntries);
            if (parts[0].Split('/') is not [{ Length: > 0 }, { Length: > 0 }] || Quality(parts) is not { } quality)
            {
                return null;
            }
            jsonQuality = Math.Max(jsonQuality, Matches(parts[0], JsonType) ? quality : 0);
            xmlQuality = Math.Max(xmlQuality, Matches(parts[0], XmlType) ? quality : 0);
        }
        return jsonQuality == 0 && xmlQuality == 0 ? null
            : jsonQuality >= xmlQuality ? DocumentFormat.Json
            : DocumentFormat.Xml;
    }

    private static double? Quality(string[] parts)
    {
        string? q = Array.Find(parts, p => p.StartsWith("q=", StringComparison.OrdinalIgnoreCase));
        return q is null ? 1
            : double.TryParse(q[2..], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double quality) ? quality
            : null;
    }

    private static bool Matches(string range, string type) =>
        range == "*/*"
        || range.Equals(type, StringComparison.OrdinalIgnoreCase)
        || (range.EndsWith("/*", StringComparison.Ordinal) && type.StartsWith(range[..^1], StringComparison.OrdinalIgnoreCase));
}
