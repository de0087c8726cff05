using System.Text;

namespace CollectorAgent.Cli;

/// <summary>What a verb works with.</summary>
/// <param name="Output">Bytes, for documents that are passed on.</param>
/// <param name="Errors">Sentences for people.</param>
internal sealed record Session(AgentConnection Agent, Stream Output, TextWriter Errors, TimeProvider Time)
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);

    /// <summary>A writer of text to the output, to be flushed by whoever asked for it.</summary>
    public StreamWriter OpenText() => new(Output, Utf8, leaveOpen: true) { NewLine = "\n" };
}
