using Microsoft.AspNetCore.Http;

namespace CollectorAgent.Http;

/// <summary>Why a request is not done for who makes it.</summary>
/// <param name="Status">401 where the pool secret would help.</param>
/// <param name="Sentence">What would.</param>
public sealed record PeerRefusal(int Status, string Sentence)
{
    public Task AnswerAsync(HttpContext context) => Answers.SentenceAsync(context, Status, Sentence);
}
