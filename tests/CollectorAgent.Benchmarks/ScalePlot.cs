using System.Globalization;
using System.Text;

namespace CollectorAgent.Benchmarks;

/// <summary>A drawing of how figures grow: both axes logarithmic, a panel beside the other, readable on light and dark.</summary>
internal sealed class ScalePlot
{
    private const int PanelWidth = 400;
    private const int Left = 60;
    private const int Top = 40;
    private const int Width = 310;
    private const int Height = 240;

    // Decades of data sources.
    private const int FirstDecade = 3;
    private const int LastDecade = 6;

    private readonly StringBuilder _svg = new();
    private int _panels;

    /// <summary>Adds a panel.</summary>
    /// <param name="decades">Powers of ten at the lower and the upper end of the axis.</param>
    public void Panel(string title, (int First, int Last) decades, params Series[] series)
    {
        int left = _panels++ * PanelWidth + Left;
        double X(double x) => left + (Math.Log10(x) - FirstDecade) / (LastDecade - FirstDecade) * Width;
        double Y(double y) => Top + Height - (Math.Log10(y) - decades.First) / (decades.Last - decades.First) * Height;

        Text(left, Top / 2, "start", title, "title");
        for (int i = FirstDecade; i <= LastDecade; i++)
        {
            double x = X(Math.Pow(10, i));
            Add($"<path d=\"M{x:0.#} {Top}V{Top + Height}\" class=\"grid\"/>");
            Text(x, Top + Height + 18, "middle", Math.Pow(10, i).ToString("#,0", CultureInfo.InvariantCulture));
        }
        for (int i = decades.First; i <= decades.Last; i++)
        {
            double y = Y(Math.Pow(10, i));
            Add($"<path d=\"M{left} {y:0.#}H{left + Width}\" class=\"grid\"/>");
            Text(left - 6, y + 4, "end", Math.Pow(10, i).ToString("#,0.###", CultureInfo.InvariantCulture));
        }
        Text(left + Width / 2, Top + Height + 36, "middle", "data sources");
        foreach (var (i, one) in series.Index())
        {
            var line = one.Line.OrderBy(p => p.X).Select(p => string.Create(CultureInfo.InvariantCulture, $"{X(p.X):0.#} {Y(p.Y):0.#}"));
            Add($"<path d=\"M{string.Join('L', line)}\" class=\"s{i}\"/>");
            foreach (var (x, y) in one.Line.Concat(one.Alone))
            {
                Add($"<circle cx=\"{X(x):0.#}\" cy=\"{Y(y):0.#}\" r=\"3\" class=\"s{i}\"/>");
            }
            Text(left + 10, Top + 16 + 16 * i, "start", one.Name, $"t{i}");
        }
    }

    /// <summary>The whole document.</summary>
    public string Document() => string.Create(CultureInfo.InvariantCulture, $$"""
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {{_panels * PanelWidth}} {{Top + Height + 48}}" font-family="sans-serif" font-size="12">
        <style>text{fill:#777}.title{font-weight:bold}.grid{stroke:#777;stroke-opacity:.3}
        .s0{stroke:#2a7fd4;fill:none;stroke-width:2}.s1{stroke:#e07b28;fill:none;stroke-width:2}.t0{fill:#2a7fd4}.t1{fill:#e07b28}</style>
        {{_svg}}</svg>

        """);

    private void Text(double x, double y, string anchor, string text, string style = "label") =>
        Add($"<text x=\"{x:0.#}\" y=\"{y:0.#}\" text-anchor=\"{anchor}\" class=\"{style}\">{text}</text>");

    private void Add(FormattableString element) => _svg.Append(element.ToString(CultureInfo.InvariantCulture)).Append('\n');

    /// <param name="Line">Points that are joined.</param>
    /// <param name="Alone">Others of the same kind.</param>
    public sealed record Series(string Name, IEnumerable<(double X, double Y)> Line, IEnumerable<(double X, double Y)> Alone);
}
