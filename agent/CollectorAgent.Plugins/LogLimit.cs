namespace CollectorAgent.Plugins;

/// <summary>Lets so many messages through in each stretch of time, and counts the others.</summary>
internal sealed class LogLimit(int most, TimeSpan stretch, TimeProvider time)
{
    private long _started = time.GetTimestamp();
    private int _count;
    private long _leftOut;

    public TimeSpan Stretch => stretch;

    /// <summary>Whether one more message goes through.</summary>
    /// <param name="leftOut">How many did not since this was last said; 0 where it is not yet to be said.</param>
    public bool TryPass(out long leftOut)
    {
        leftOut = 0;
        if (time.GetElapsedTime(_started) >= stretch)
        {
            leftOut = TakeLeftOut();
            _started = time.GetTimestamp();
            _count = 0;
        }
        if (_count < most)
        {
            _count++;
            return true;
        }
        _leftOut++;
        return false;
    }

    /// <summary>How many did not go through since this was last said.</summary>
    public long TakeLeftOut()
    {
        long leftOut = _leftOut;
        _leftOut = 0;
        return leftOut;
    }
}
