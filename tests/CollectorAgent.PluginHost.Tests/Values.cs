using CollectorAgent.Protocol;

namespace CollectorAgent.PluginHost.Tests;

internal static class Values
{
    /// <summary>The values on a page by owner and name.</summary>
    public static Dictionary<string, double> Of(PageReader page)
    {
        var values = new Dictionary<string, double>();
        for (int i = 0; i < page.Sources.Count; i++)
        {
            values.Add($"{page.Sources[i].Owner} {page.Sources[i].Name}", BitConverter.Int64BitsToDouble(page.Values[i]));
        }
        return values;
    }
}
