using System.Text;
using System.Xml;
using System.Xml.Linq;

namespace CollectorAgent.Cli;

/// <summary>Makes of the XML of an RRD one that rrdtool restores.</summary>
internal static class RrdtoolDocument
{
    private const int MaxHeadElements = 32768 + 16;

    /// <summary>Only the head of the document is held in memory; rows pass through.</summary>
    /// <param name="document">Of an agent.</param>
    /// <param name="output">For rrdtool.</param>
    /// <param name="onRename">Is told of each data source that gets another name.</param>
    /// <exception cref="XmlException">It is no RRD.</exception>
    public static async Task RewriteAsync(Stream document, Stream output, Action<string, string> onRename, CancellationToken cancellationToken)
    {
        var settings = new XmlReaderSettings
        {
            Async = true,
            DtdProcessing = DtdProcessing.Ignore,
            XmlResolver = null,
            IgnoreComments = true,
            IgnoreWhitespace = true,
            IgnoreProcessingInstructions = true,
        };
        using var reader = XmlReader.Create(document, settings);
        var head = await ReadHeadAsync(reader, cancellationToken);
        Rename(head, onRename);
        await using var writer = XmlWriter.Create(output, new XmlWriterSettings { Async = true, Encoding = new UTF8Encoding(false) });
        await writer.WriteStartDocumentAsync();
        await writer.WriteStartElementAsync(null, "rrd", null);
        foreach (var element in head)
        {
            await element.WriteToAsync(writer, cancellationToken);
        }
        while (reader.NodeType == XmlNodeType.Element)
        {
            await CopyElementAsync(reader, writer, cancellationToken);
        }
        if (reader.NodeType != XmlNodeType.EndElement)
        {
            throw new XmlException("the document has no end");
        }
        await writer.WriteEndElementAsync();
    }

    /// <summary>Everything before the first RRA.</summary>
    private static async Task<List<XElement>> ReadHeadAsync(XmlReader reader, CancellationToken cancellationToken)
    {
        await reader.MoveToContentAsync();
        if (reader.NodeType != XmlNodeType.Element || reader.Name != "rrd" || reader.IsEmptyElement)
        {
            throw new XmlException($"it is <{reader.Name}>, no RRD");
        }
        await reader.ReadAsync();
        var head = new List<XElement>();
        while (reader.NodeType == XmlNodeType.Element && reader.Name != "rra")
        {
            if (head.Count == MaxHeadElements)
            {
                throw new XmlException("it has more data sources than any RRD");
            }
            head.Add((XElement)await XNode.ReadFromAsync(reader, cancellationToken));
        }
        return head;
    }

    private static void Rename(List<XElement> head, Action<string, string> onRename)
    {
        var sources = head.Where(e => e.Name == "ds").ToList();
        foreach (var source in sources)
        {
            // The time of a single data source is an agent's affair; rrdtool stops at it.
            source.Element("last_updated")?.Remove();
        }
        var names = sources.ConvertAll(s => s.Element("name") ?? throw new XmlException("a data source has no name"));
        if (names.Select(n => n.Value).Distinct().Count() != names.Count)
        {
            throw new XmlException("two data sources have the same name");
        }
        var renamed = RrdtoolNames.For(names.ConvertAll(n => n.Value));
        for (int i = 0; i < names.Count; i++)
        {
            if (names[i].Value != renamed[i])
            {
                onRename(names[i].Value, renamed[i]);
                names[i].Value = renamed[i];
            }
        }
    }

    /// <summary>Copies an element of any size, and goes to what comes after it.</summary>
    private static async Task CopyElementAsync(XmlReader reader, XmlWriter writer, CancellationToken cancellationToken)
    {
        int depth = reader.Depth;
        do
        {
            cancellationToken.ThrowIfCancellationRequested();
            switch (reader.NodeType)
            {
                case XmlNodeType.Element:
                    await writer.WriteStartElementAsync(null, reader.LocalName, null);
                    if (reader.IsEmptyElement)
                    {
                        await writer.WriteEndElementAsync();
                    }
                    break;
                case XmlNodeType.EndElement:
                    await writer.WriteEndElementAsync();
                    break;
                case XmlNodeType.Text:
                    await writer.WriteStringAsync(await reader.GetValueAsync());
                    break;
            }
        }
        while (await reader.ReadAsync() && (reader.Depth > depth || reader.NodeType == XmlNodeType.EndElement && reader.Depth == depth));
    }
}
