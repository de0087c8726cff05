using System.Text.Json;

namespace CollectorAgent.Protocol;

/// <summary>Where the members of a manifest stand, for messages: editors count lines.</summary>
internal sealed class ManifestLines(ReadOnlyMemory<byte> json)
{
    /// <summary>The line of the last member of that name in an object, from 1; 0 where there is none.</summary>
    /// <param name="place">The members that lead to the object, with dots between; empty for the whole manifest.</param>
    public int Of(string place, string member)
    {
        int line = 0;
        var reader = new Utf8JsonReader(json.Span);
        var objects = new Stack<(string Name, string Path)>();
        string last = "";
        while (reader.Read())
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.StartObject:
                    string path = objects.Count > 0 ? objects.Peek().Path : "";
                    objects.Push((last, path.Length == 0 ? last : $"{path}.{last}"));
                    break;
                case JsonTokenType.EndObject:
                    // The list that it stands in goes on.
                    last = objects.Pop().Name;
                    break;
                case JsonTokenType.PropertyName:
                    last = reader.GetString()!;
                    if (last == member && objects.Peek().Path == place)
                    {
                        line = json.Span[..(int)reader.TokenStartIndex].Count((byte)'\n') + 1;
                    }
                    break;
            }
        }
        return line;
    }
}
