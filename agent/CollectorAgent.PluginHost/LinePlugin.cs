using System.Globalization;
using CollectorAgent.Sdk;

namespace CollectorAgent.PluginHost;

/// <summary>A plugin that prints its values. See docs/formats/line-plugin.md.</summary>
internal sealed class LinePlugin(string entry, IReadOnlyList<string> arguments, TimeProvider time, TextWriter errors) : IAsyncDisposable
{
    // Short of a step, so that the next sample is in time.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(4);

    private static readonly TimeSpan Step = TimeSpan.FromSeconds(5);

    // A program that takes longer hangs. It is looked at after 4 s, 9 s and so on.
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(59);

    private const int MostBadLinesTold = 10;

    private readonly string _name = Path.GetFileName(entry);
    private LineProgram? _program;
    private bool _endsItsBlocks;
    private bool _isSlow;
    private IReadOnlyList<BadLine> _badLines = [];

    /// <summary>Asks the program for a block, starting it where it does not run, and reports what is in it.</summary>
    /// <exception cref="IOException">There is none this time.</exception>
    public async ValueTask CollectAsync(SampleBatch batch, CancellationToken stop)
    {
        if (_program is { HasEnded: true })
        {
            await _program.DisposeAsync();
            _program = null;
        }
        if (_program is null)
        {
            _program = LineProgram.Start(entry, arguments, time);
        }
        else
        {
            _program.Ask();
        }
        var values = LineValues.Read(await BlockAsync(_program, stop));
        Tell(values.BadLines);
        values.Report(batch);
    }

    public async ValueTask DisposeAsync()
    {
        if (_program is not null)
        {
            await _program.DisposeAsync();
        }
    }

    private async Task<byte[]> BlockAsync(LineProgram program, CancellationToken stop)
    {
        var block = program.BlockAsync(stop);
        long asked = time.GetTimestamp();
        bool isSlow = false;
        for (var wait = Patience; !await IsThereAsync(block, wait); wait = Step)
        {
            // One that never says where a block ends is done when it had time enough. One that does is waited for.
            _endsItsBlocks |= program.EndsItsBlocks;
            if (!_endsItsBlocks && program.TryEndBlock())
            {
                break;
            }
            if (time.GetElapsedTime(asked) >= Deadline)
            {
                _program = null;
                await program.DisposeAsync();
                throw new IOException($"{_name} gave no block within a minute and was killed");
            }
            if (!isSlow && !_isSlow)
            {
                await errors.WriteLineAsync($"{_name} takes longer than {Patience.TotalSeconds} s; its sample counts when it is there");
            }
            isSlow = true;
        }
        _endsItsBlocks |= program.EndsItsBlocks;
        _isSlow = isSlow;
        return await block;
    }

    private async Task<bool> IsThereAsync(Task block, TimeSpan wait)
    {
        using var over = new CancellationTokenSource();
        bool isThere = await Task.WhenAny(block, Task.Delay(wait, time, over.Token)) == block;
        await over.CancelAsync();
        return isThere;
    }

    private void Tell(IReadOnlyList<BadLine> badLines)
    {
        bool isSame = badLines.Select(l => (l.Number, l.Reason)).SequenceEqual(_badLines.Select(l => (l.Number, l.Reason)));
        _badLines = badLines;
        if (isSame)
        {
            return;
        }
        foreach (var line in badLines.Take(MostBadLinesTold))
        {
            errors.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{_name}, line {line.Number}, '{line.Text}': {line.Reason}"));
        }
        if (badLines.Count > MostBadLinesTold)
        {
            errors.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{_name}: {badLines.Count - MostBadLinesTold} bad lines more"));
        }
    }
}
