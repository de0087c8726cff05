namespace CollectorAgent.Forwarding.Tests;

/// <summary>What a front has seen.</summary>
/// <param name="Answer">All that the client got; a char is a byte.</param>
/// <param name="Closed">Whether the agent closed the front's connection without a word.</param>
/// <param name="Read">Whether the client saw the end of its own.</param>
/// <param name="Freed">Whether nobody holds the descriptors that were passed beside the client's.</param>
internal sealed record FrontReport(string Answer, bool Closed, bool Read, bool Freed)
{
    public string StatusLine => Answer.Split("\r\n")[0];

    public string Body => Answer[(Answer.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..];
}
