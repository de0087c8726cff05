using System.Buffers.Text;

namespace CollectorAgent.Sdk;

/// <summary>Walks through the fields of a line, which blanks separate.</summary>
/// <param name="line">Without its line feed.</param>
public ref struct FieldReader(ReadOnlySpan<byte> line)
{
    /// <summary>What has not been read of the line.</summary>
    public ReadOnlySpan<byte> Rest { get; private set; } = line;

    /// <summary>The next field; empty at the end of the line.</summary>
    public ReadOnlySpan<byte> Next()
    {
        Rest = Rest.TrimStart((byte)' ');
        int end = Rest.IndexOf((byte)' ');
        var field = end < 0 ? Rest : Rest[..end];
        Rest = Rest[field.Length..];
        return field;
    }

    /// <summary>Reads the next field as a number.</summary>
    /// <returns>Whether it was one, and nothing else.</returns>
    public bool TryNext(out ulong number)
    {
        var field = Next();
        return Utf8Parser.TryParse(field, out number, out int used) && used == field.Length;
    }

    /// <summary>Passes over so many fields.</summary>
    public void Skip(int fields)
    {
        for (int i = 0; i < fields; i++)
        {
            Next();
        }
    }
}
