using System.Globalization;
using CollectorAgent.Protocol;
using CollectorAgent.Sdk;

namespace CollectorAgent.PluginHost;

/// <summary>A plugin that prints its values. See docs/formats/line-plugin.md.</summary>
internal sealed class LinePlugin(string entry, IReadOnlyList<string> arguments, TimeProvider time, TextWriter errors) : IAsyncDisposable
{
    // So long a program may take to end behind an empty line before that is taken for the end of a block.
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(2);

    // Short of a step, so that the next sample is in time.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(4);

    private static readonly TimeSpan Step = TimeSpan.FromSeconds(SocketRpc.StepSeconds);

    // A program that takes longer hangs. It is looked at after 4 s, 9 s and so on.
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(59);

    private const int MostComplaints = 10;

    private readonly string _name = Path.GetFileName(entry);
    private readonly OpenMetricsReader _metrics = new();
    private LineProgram? _program;
    private ProgramHabit _habit;
    private bool _endsItsBlocks;
    private bool _endsWithEof;
    private bool _answersTwice;
    private bool _isSlow;
    private IReadOnlyList<Complaint> _complaints = [];

    /// <summary>Asks the program for a block, starting it where it does not run, and reports what is in it.</summary>
    /// <exception cref="IOException">There is none this time.</exception>
    /// <exception cref="ProgramEndException">The program says that it is of no use to ask it again now.</exception>
    public async ValueTask CollectAsync(SampleBatch batch, CancellationToken stop)
    {
        if (_program is { HasEnded: true })
        {
            Learn(_program);
            await _program.DisposeAsync();
            _program = null;
        }
        if (_program is null)
        {
            _program = LineProgram.Start(entry, arguments, _habit, _endsWithEof, time);
        }
        else
        {
            TellOfBlocks(_program);
            _program.Ask();
        }
        byte[] block = await BlockAsync(_program, stop);
        if (MetricsText.IsLikely(block))
        {
            ReportMetrics(block, batch);
            return;
        }
        var values = LineValues.Read(block);
        Tell(values.Complaints);
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
        for (var wait = Patience; !await IsThereAsync(block, program, wait); wait = Step)
        {
            // One that never says where a block ends is done when it had time enough. One that does, be it by its end, is waited for.
            _endsItsBlocks |= program.EndsItsBlocks;
            if (!_endsItsBlocks && _habit != ProgramHabit.Ends && program.TryEndBlock())
            {
                break;
            }
            if (time.GetElapsedTime(asked) >= Deadline)
            {
                if (program.TryRelease())
                {
                    // It has ended before; now it stays.
                    _habit = ProgramHabit.Stays;
                    break;
                }
                _program = null;
                _endsWithEof = false;
                await program.DisposeAsync();
                throw new IOException($"{_name} gave no block within a minute and was killed");
            }
            if (!_isSlow)
            {
                _isSlow = true;
                await errors.WriteLineAsync($"{_name} takes longer than {Patience.TotalSeconds} s; its sample counts when it is there");
            }
            isSlow = true;
        }
        _isSlow = isSlow;
        try
        {
            return await block;
        }
        finally
        {
            Learn(program);
        }
    }

    private async Task<bool> IsThereAsync(Task block, LineProgram program, TimeSpan wait)
    {
        using var over = new CancellationTokenSource();
        var end = Task.Delay(wait, time, over.Token);
        if (_habit == ProgramHabit.Unknown && await Task.WhenAny(block, program.IsHolding, end) == program.IsHolding)
        {
            var settled = Task.Delay(Settling, time, over.Token);
            if (await Task.WhenAny(block, settled, end) == settled)
            {
                program.TryRelease();
            }
        }
        bool isThere = await Task.WhenAny(block, end) == block;
        await over.CancelAsync();
        return isThere;
    }

    /// <summary>Keeps what was seen of a run for the next one.</summary>
    private void Learn(LineProgram program)
    {
        _endsItsBlocks |= program.EndsItsBlocks;
        _endsWithEof |= program.EndsWithEof;
        _habit = program.Habit == ProgramHabit.Unknown ? _habit : program.Habit;
    }

    private void TellOfBlocks(LineProgram program)
    {
        if (program.HasAnsweredTwice && !_answersTwice)
        {
            errors.WriteLine(
                $"{_name} printed more than one block for one sample; an empty line ends a block: print none within it, or end it with '# EOF'");
        }
        _answersTwice = program.HasAnsweredTwice;
    }

    private void ReportMetrics(byte[] block, SampleBatch batch)
    {
        if (!_metrics.TryReadText(block, hasEnd: false))
        {
            throw new IOException($"{_name} printed no OpenMetrics: {_metrics.Detail}");
        }
        Tell([.. _metrics.LeftOut.Select(s => new Complaint(s, s))]);
        for (int i = 0; i < _metrics.Sources.Count; i++)
        {
            batch.Report(_metrics.Sources[i], BitConverter.Int64BitsToDouble(_metrics.Values[i]));
        }
    }

    private void Tell(IReadOnlyList<Complaint> complaints)
    {
        bool isSame = complaints.Select(c => c.Kind).SequenceEqual(_complaints.Select(c => c.Kind));
        _complaints = complaints;
        if (isSame)
        {
            return;
        }
        foreach (var complaint in complaints.Take(MostComplaints))
        {
            errors.WriteLine($"{_name}, {complaint.Sentence}");
        }
        if (complaints.Count > MostComplaints)
        {
            errors.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{_name}: {complaints.Count - MostComplaints} more like that"));
        }
    }
}
