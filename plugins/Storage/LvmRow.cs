using System.Globalization;
using System.Text.Json;

namespace CollectorAgent.Storage;

/// <summary>One row of a report of LVM: texts by the names of their fields.</summary>
internal readonly struct LvmRow(JsonElement row)
{
    private const int MostCharacters = 128;

    /// <summary>The rows of a report as <c>--reportformat json</c> prints it.</summary>
    /// <param name="kind"><c>vg</c> or <c>lv</c>.</param>
    /// <exception cref="LvmReportException">It is none.</exception>
    public static IEnumerable<LvmRow> Read(ReadOnlyMemory<byte> report, string kind)
    {
        JsonElement root;
        try
        {
            using var document = JsonDocument.Parse(report, new JsonDocumentOptions { MaxDepth = 8 });
            root = document.RootElement.Clone();
        }
        catch (JsonException e)
        {
            throw new LvmReportException($"no JSON: {e.Message}");
        }
        if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("report", out var reports)
            || reports.ValueKind != JsonValueKind.Array || reports.GetArrayLength() != 1
            || reports[0].ValueKind != JsonValueKind.Object || !reports[0].TryGetProperty(kind, out var rows)
            || rows.ValueKind != JsonValueKind.Array)
        {
            throw new LvmReportException($"no list '{kind}'");
        }
        return rows.EnumerateArray().Select(row => new LvmRow(row));
    }

    /// <summary>The name or id of a thing: what LVM allows in one, and never empty.</summary>
    /// <exception cref="LvmReportException">It is not there, or something else.</exception>
    public string Name(string field)
    {
        string name = Text(field);
        return name.Length is > 0 and <= MostCharacters && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '+' or '_' or '.' or '-')
            ? name
            : throw new LvmReportException($"'{field}' is no name");
    }

    /// <exception cref="LvmReportException">It is not there, or no number of bytes.</exception>
    public long Bytes(string field) =>
        long.TryParse(Text(field), NumberStyles.None, CultureInfo.InvariantCulture, out long bytes)
            ? bytes
            : throw new LvmReportException($"'{field}' is no number of bytes");

    /// <summary>Percent as a fraction; NaN where there is no number, as of a pool that is not active.</summary>
    public double Fraction(string field) =>
        double.TryParse(Text(field), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double percent) && percent <= 100
            ? percent / 100
            : double.NaN;

    /// <exception cref="LvmReportException">It is not there.</exception>
    public string Text(string field) =>
        row.ValueKind == JsonValueKind.Object && row.TryGetProperty(field, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()!
            : throw new LvmReportException($"a row without '{field}'");
}
