using CollectorAgent.Rrd;
using CollectorAgent.Rrd.Formats;
using Microsoft.AspNetCore.Http;
using static CollectorAgent.Http.Answers;

namespace CollectorAgent.Http;

/// <summary>The answer that is a whole RRD.</summary>
internal static class WholeRrd
{
    // A data source with its unfinished step and rows, of a silent plugin also those that its silence has ended.
    private const int ColumnBytes = 320;

    /// <summary>What it takes: what is unfinished of each data source, and a block of rows.</summary>
    public static DocumentCost CostOf(HttpRequest request, long columns) =>
        DocumentCost.Of(request, DocumentWriter.MaxHeldBack, columns * ColumnBytes + Math.Max(columns, RrdRows.MostCellsAtOnce) * sizeof(double));

    public static Task WriteAsync(HttpContext context, DocumentLease lease, RrdSnapshot snapshot)
    {
        var format = DocumentFormats.Of(context.Request);
        context.Response.Headers.Connection = "close";
        return DocumentAsync(context, lease, format.ContentType(), RrdXmlWriter.LeastBytes(snapshot), writer => format == DocumentFormat.Json
            ? RrdJsonWriter.WriteAsync(snapshot, writer, context.RequestAborted)
            : RrdXmlWriter.WriteAsync(snapshot, RrdForm.External, writer, context.RequestAborted));
    }
}
