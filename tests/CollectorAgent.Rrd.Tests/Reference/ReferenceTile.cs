namespace CollectorAgent.Rrd.Tests.Reference;

/// <summary>The time axis of data sources that are sampled together.</summary>
internal sealed class ReferenceTile(int stepSeconds, long lastStep)
{
    private double _periodStart = (double)lastStep * stepSeconds;

    public string? Plugin { get; set; }

    public List<ReferenceColumn> Columns { get; } = [];

    /// <summary>What its plugin reports now.</summary>
    public HashSet<string> Reported { get; } = [];

    public long LastStep { get; private set; } = lastStep;

    public double? LastSample { get; private set; }

    public bool Update(double time, long[] raw, bool[] known, long throughStep)
    {
        if (LastSample is { } newest ? time <= newest : time < _periodStart)
        {
            return false;
        }
        if (LastSample is null && throughStep > LastStep + 1)
        {
            EndUnknown(throughStep - 1);
        }
        for (int i = 0; i < Columns.Count; i++)
        {
            Columns[i].Take(LastSample ?? _periodStart, LastSample is not null, time, raw[i], known[i]);
        }
        LastSample = time;
        IsStepFresh = throughStep > LastStep;
        if (throughStep > LastStep)
        {
            EndSteps(time, throughStep);
        }
        return true;
    }

    public void EndUnknown(long throughStep)
    {
        LastStep = Math.Max(LastStep, throughStep);
        StartAnew();
    }

    /// <summary>Whether nothing has been sampled since the newest step ended.</summary>
    public bool IsStepFresh { get; private set; } = true;

    public void StartAnew()
    {
        LastSample = null;
        IsStepFresh = true;
        _periodStart = (double)LastStep * stepSeconds;
        Columns.ForEach(c => c.Forget());
    }

    /// <summary>Ends steps; one that the sample does not reach is as the one before it.</summary>
    private void EndSteps(double time, long throughStep)
    {
        foreach (var column in Columns)
        {
            double pdp = double.NaN;
            double start = _periodStart;
            double openEnd = Math.Min(time, (LastStep + 1.0) * stepSeconds);
            for (long step = LastStep + 1; step <= throughStep; step++)
            {
                double end = Math.Min(time, (double)step * stepSeconds);
                pdp = end > start || step == LastStep + 1 ? column.Pdp(start, end, stepSeconds, openEnd, throughStep - LastStep - 1) : pdp;
                start = end;
                if (!double.IsNaN(pdp))
                {
                    column.Pdps[step] = pdp;
                }
            }
            column.StartStep(start);
        }
        _periodStart = Math.Min(time, (double)throughStep * stepSeconds);
        LastStep = throughStep;
    }
}
