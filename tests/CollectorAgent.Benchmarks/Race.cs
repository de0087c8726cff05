namespace CollectorAgent.Benchmarks;

/// <summary>Runs the sides of a comparison in turns, so that a noisy moment meets all of them.</summary>
internal sealed class Race(TimeProvider time)
{
    private const int LeastRounds = 7;

    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Rounds = TimeSpan.FromSeconds(3);

    /// <summary>Seconds that one run of a side took.</summary>
    public readonly record struct Result(double Best, double Median)
    {
        public double Noise => Median / Best;
    }

    /// <param name="sides">Each does the same work at every call, for a tenth of a millisecond at least.</param>
    public Result[] Run(params Action[] sides)
    {
        Take(sides, 2, WarmUp);
        GC.Collect();
        return [.. Take(sides, LeastRounds, Rounds).Select(Summarise)];
    }

    /// <summary>Seconds that a run took.</summary>
    public double Seconds(Action side)
    {
        long started = time.GetTimestamp();
        side();
        return time.GetElapsedTime(started).TotalSeconds;
    }

    private List<double>[] Take(Action[] sides, int leastRounds, TimeSpan span)
    {
        List<double>[] seconds = [.. sides.Select(_ => new List<double>())];
        long started = time.GetTimestamp();
        for (int round = 0; round < leastRounds || time.GetElapsedTime(started) < span; round++)
        {
            for (int i = 0; i < sides.Length; i++)
            {
                int side = round % 2 == 0 ? i : sides.Length - 1 - i;
                seconds[side].Add(Seconds(sides[side]));
            }
        }
        return seconds;
    }

    private static Result Summarise(List<double> seconds)
    {
        seconds.Sort();
        return new Result(seconds[0], seconds[seconds.Count / 2]);
    }
}
