using CollectorAgent.Native;

namespace CollectorAgent.Plugins.Tests;

public sealed class StraysTests : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(120);

    private readonly RunMark _mark = new();
    private readonly ChildProcess _process = ChildProcess.Start(new ChildStart("cat", []) { HasInput = true, HasOutput = true });
    private readonly Strays _strays;

    public StraysTests() => _strays = new Strays(_mark, new LineLog());

    public void Dispose()
    {
        _process.Kill();
        _process.Dispose();
    }

    [Fact]
    public async Task Run_that_is_over_for_two_looks_loses_all_its_processes_also_those_that_have_just_been_started()
    {
        int run = _mark.Begin("p");
        // One that is gone by the next look, having started another.
        _strays.Sweep([new RunProcess(int.MaxValue, run, default)], []);
        Assert.False(_process.HasEnded);

        _strays.Sweep([new RunProcess(_process.Id, run, default)], []);

        await _process.WaitForEndAsync(CancellationToken.None).WaitAsync(Deadline);
    }

    [Fact]
    public async Task Run_that_goes_on_or_has_just_begun_loses_nothing()
    {
        int run = _mark.Begin("p");
        var processes = new[] { new RunProcess(_process.Id, run, default) };

        _strays.Sweep(processes, []);
        _strays.Sweep(processes, [run]);
        _strays.Sweep(processes, []);

        // A process that was killed answers no more, however long its end takes to be noted.
        await _process.Input.WriteAsync("here\n"u8.ToArray());
        using var output = new StreamReader(_process.Output);
        Assert.Equal("here", await output.ReadLineAsync().WaitAsync(Deadline));
    }
}
