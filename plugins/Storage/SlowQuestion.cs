using System.ComponentModel;
using System.Globalization;

namespace CollectorAgent.Storage;

/// <summary>A question to storage, whose answer may be long in coming or never come: whoever asks a dead disk sleeps in the kernel,
/// where nothing wakes him. It is asked on a thread of its own, and never again before it is answered.</summary>
/// <remarks>Its members are called by one thread, that of the samples, and never wait.</remarks>
public sealed class SlowQuestion<T> : IDisposable
    where T : class
{
    /// <summary>How much older than the time between two questions an answer may get before it is none any more.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(30);

    private readonly string _subject;
    private readonly Func<CancellationToken, Answer<T>> _ask;
    private readonly TimeSpan _period;
    private readonly TimeSpan _deadline;
    private readonly TimeProvider _time;
    private readonly TextWriter _errors;
    private Asking? _underWay;
    private Answer<T> _answer;
    private long? _askedAt;
    private long _answerOf;
    private string? _trouble;

    /// <param name="subject">What is asked about, for messages.</param>
    /// <param name="ask">Asks. Its token says that the deadline is over or nobody waits any more; an <see cref="IOException"/> or
    /// <see cref="UnauthorizedAccessException"/> means that nothing is known.</param>
    /// <param name="period">Time between two questions.</param>
    /// <param name="deadline">After this time without an answer nothing is known.</param>
    /// <param name="errors">Is told when there is trouble, and when it is over.</param>
    public SlowQuestion(
        string subject, Func<CancellationToken, Answer<T>> ask, TimeSpan period, TimeSpan deadline, TimeProvider time, TextWriter errors)
    {
        _subject = subject;
        _ask = ask;
        _period = period;
        _deadline = deadline;
        _time = time;
        _errors = errors;
    }

    /// <summary>Whether an answer is waited for.</summary>
    public bool IsUnderWay => _underWay is not null;

    /// <summary>Whether the newest answer is there and lacks nothing.</summary>
    public bool IsComplete => Newest is not null && _trouble is null;

    /// <summary>The newest answer; null while nothing is known: before the first one, past the deadline, and when it is too old.</summary>
    public T? Newest => IsPastDeadline || _time.GetElapsedTime(_answerOf) > _period + Grace ? null : _answer.Value;

    private string Overdue => string.Create(CultureInfo.InvariantCulture, $"no answer within {_deadline.TotalSeconds} s");

    private bool IsPastDeadline => _underWay is { } asking && _time.GetElapsedTime(asking.Since) >= _deadline;

    /// <summary>Takes the answer if there is one, and asks again if it is time to and nothing is under way.</summary>
    /// <param name="mayAsk">False where others have to be waited for first.</param>
    public void Update(bool mayAsk = true)
    {
        if (_underWay is { Answer: { } answer } answered)
        {
            _underWay = null;
            _answer = answer.Content;
            _answerOf = answered.Since;
            Say(answer.IsLate && _answer.Value is null ? Overdue : _answer.Trouble);
            answered.Dispose();
        }
        else if (IsPastDeadline)
        {
            Say(Overdue);
        }
        if (mayAsk && _underWay is null && (_askedAt is not { } last || _time.GetElapsedTime(last) >= _period))
        {
            _askedAt = _time.GetTimestamp();
            _underWay = new Asking(this, _askedAt.Value);
        }
    }

    /// <summary>Waits for nothing: a thread that hangs ends with the process.</summary>
    public void Dispose() => _underWay?.Cancel();

    private void Say(string? trouble)
    {
        if (trouble != _trouble)
        {
            _errors.WriteLine($"{_subject}: {trouble ?? "complete again"}");
            _trouble = trouble;
        }
    }

    /// <summary>One time that it is asked.</summary>
    private sealed class Asking : IDisposable
    {
        private readonly SlowQuestion<T> _question;
        private readonly CancellationTokenSource _overdue;
        private volatile Box? _answer;

        public Asking(SlowQuestion<T> question, long since)
        {
            _question = question;
            Since = since;
            _overdue = new CancellationTokenSource(question._deadline, question._time);
            new Thread(Run) { IsBackground = true, Name = question._subject }.Start();
        }

        public long Since { get; }

        public Box? Answer => _answer;

        public void Cancel() => _overdue.Cancel();

        public void Dispose() => _overdue.Dispose();

        private void Run()
        {
            try
            {
                Give(_question._ask(_overdue.Token));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or Win32Exception)
            {
                Give(new Answer<T>(null, e.Message));
            }
        }

        private void Give(Answer<T> answer) => _answer = new Box(answer, IsLate: _overdue.IsCancellationRequested);
    }

    /// <summary>Hands an answer from one thread to the other in one piece.</summary>
    private sealed record Box(Answer<T> Content, bool IsLate);
}
