using CollectorAgent.TestKit;

namespace CollectorAgent.Storage.Tests;

public sealed class SlowQuestionTests : IDisposable
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    private readonly ManualTime _time = new(DateTimeOffset.UnixEpoch);
    private readonly StringWriter _errors = new();
    private readonly SemaphoreSlim _mayAnswer = new(0);
    private readonly SlowQuestion<string> _question;
    private CancellationToken _stop;
    private volatile Thread? _thread;
    private volatile int _asked;
    private int _answered;
    private Func<Answer<string>> _answer = () => new("yes", null);

    public SlowQuestionTests() => _question = new SlowQuestion<string>("moon", Ask, Period, Deadline, _time, _errors);

    public void Dispose() => _mayAnswer.Release(1000);

    [Fact]
    public async Task It_is_unknown_until_it_is_answered()
    {
        _question.Update();
        Assert.Null(_question.Newest);

        await AnsweredAsync();

        Assert.Equal("yes", _question.Newest);
    }

    [Fact]
    public async Task It_is_asked_once_a_period()
    {
        await AskAndAnswerAsync();

        _time.Advance(Period - TimeSpan.FromSeconds(1));
        _question.Update();
        Assert.False(_question.IsUnderWay);

        _time.Advance(TimeSpan.FromSeconds(1));
        _question.Update();
        Assert.True(_question.IsUnderWay);
    }

    [Fact]
    public async Task While_it_is_not_answered_nothing_is_known_and_it_is_never_asked_again()
    {
        await AskAndAnswerAsync();
        _time.Advance(Period);
        _question.Update();
        _time.Advance(Deadline - TimeSpan.FromSeconds(1));
        _question.Update();
        Assert.Equal("yes", _question.Newest);
        Assert.False(_stop.IsCancellationRequested);

        for (int i = 0; i < 100; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(5));
            _question.Update();
            Assert.Null(_question.Newest);
        }

        Assert.True(_stop.IsCancellationRequested);
        Assert.Equal(2, _asked);
        Assert.Equal("moon: no answer within 20 s\n", _errors.ToString());
    }

    [Fact]
    public async Task One_that_is_answered_late_is_asked_again()
    {
        _question.Update();
        _time.Advance(Deadline);
        _question.Update();
        _time.Advance(TimeSpan.FromHours(1));
        await AnsweredAsync();
        Assert.Null(_question.Newest);   // it speaks of an hour ago

        await AnsweredAsync();

        Assert.Equal("yes", _question.Newest);
        Assert.Equal("moon: no answer within 20 s\nmoon: complete again\n", _errors.ToString());
    }

    [Fact]
    public void An_answer_in_time_that_is_taken_late_is_no_trouble()
    {
        _answer = () => default;
        _question.Update();
        _mayAnswer.Release();
        Assert.True(SpinWait.SpinUntil(() => _thread is { IsAlive: false }, TimeSpan.FromSeconds(30)));

        _time.Advance(Deadline);
        _question.Update();

        Assert.Equal("", _errors.ToString());
    }

    [Fact]
    public async Task An_answer_that_gets_old_is_none()
    {
        await AskAndAnswerAsync();

        _time.Advance(Period + TimeSpan.FromSeconds(30));
        Assert.Equal("yes", _question.Newest);

        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(_question.Newest);
    }

    [Fact]
    public async Task Trouble_is_said_once_and_once_more_when_it_is_over()
    {
        _answer = () => throw new IOException("clouds");
        await AskAndAnswerAsync();
        _time.Advance(Period);
        await AskAndAnswerAsync();
        Assert.Null(_question.Newest);
        Assert.Equal("moon: clouds\n", _errors.ToString());

        _answer = () => new("half", "the other half is dark");
        _time.Advance(Period);
        await AskAndAnswerAsync();
        Assert.Equal("half", _question.Newest);

        _answer = () => new("full", null);
        _time.Advance(Period);
        await AskAndAnswerAsync();
        Assert.Equal("moon: clouds\nmoon: the other half is dark\nmoon: complete again\n", _errors.ToString());
    }

    [Fact]
    public void It_is_not_asked_where_others_have_to_be_waited_for()
    {
        _question.Update(mayAsk: false);
        Assert.False(_question.IsUnderWay);
    }

    private Answer<string> Ask(CancellationToken stop)
    {
        _stop = stop;
        _thread = Thread.CurrentThread;
        _asked++;
        _mayAnswer.Wait(CancellationToken.None);
        return _answer();
    }

    private async Task AskAndAnswerAsync()
    {
        _question.Update();
        await AnsweredAsync();
    }

    /// <summary>Lets one question be answered and takes the answer.</summary>
    private async Task AnsweredAsync()
    {
        Assert.True(_question.IsUnderWay);
        _answered++;
        await Wait.UntilAsync(() => _asked >= _answered, () => "the question to be asked");
        _mayAnswer.Release();
        await Wait.UntilAsync(
            () =>
            {
                bool isTaken = !_question.IsUnderWay || _asked > _answered;
                if (!isTaken)
                {
                    _question.Update();
                }
                return isTaken;
            },
            () => "the answer to be taken");
    }
}
