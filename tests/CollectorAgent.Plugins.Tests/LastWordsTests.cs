using CollectorAgent.TestKit;

namespace CollectorAgent.Plugins.Tests;

public sealed class LastWordsTests
{
    private readonly ManualTime _time = new(DateTimeOffset.UnixEpoch);
    private readonly LastWords _words;

    public LastWordsTests() => _words = new LastWords(_time);

    [Theory]
    [InlineData("", "")]
    [InlineData("no such array", "no such array")]
    [InlineData("run, line 1, 'a': no number|run, line 2, 'b': no number|run: 7 more like that", "run, line 1, 'a': no number")]
    [InlineData("no such array|no sample: run ended with exit code 3", "run ended with exit code 3: no such array")]
    [InlineData("no sample: run gave no block within a minute and was killed", "run gave no block within a minute and was killed")]
    [InlineData("Traceback (most recent call last):|  File \"x\"|ValueError: no number", "ValueError: no number")]
    [InlineData("  |first|second", "first")]
    public void First_line_of_a_burst_explains_the_others(string lines, string text)
    {
        foreach (string line in lines.Split('|'))
        {
            _words.Note(line, isError: true);
        }

        Assert.Equal(text, _words.Text);
    }

    [Fact]
    public void Later_burst_takes_the_place_of_an_earlier_one_and_standard_error_that_of_standard_output()
    {
        _words.Note("output", isError: false);
        Assert.Equal("output", _words.Text);
        _words.Note("error", isError: true);
        _words.Note("more output", isError: false);
        Assert.Equal("error", _words.Text);

        _time.Advance(TimeSpan.FromSeconds(3));
        _words.Note("another error", isError: true);
        Assert.Equal("another error", _words.Text);
        _words.Clear();
        Assert.Equal("", _words.Text);
    }

    [Fact]
    public void Long_line_is_cut()
    {
        _words.Note(new string('x', 1000), isError: true);

        Assert.Equal(new string('x', 200) + "…", _words.Text);
    }
}
