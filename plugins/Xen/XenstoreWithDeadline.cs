namespace CollectorAgent.XenPlugin;

/// <summary>A xenstore that is waited for so long and no longer. libxenstore waits for ever, and a xenstored that hangs must not take the
/// values of the hypervisor along.</summary>
/// <remarks>A thread reads for the one that asks. While it waits for an answer that comes too late, every read fails at once.</remarks>
internal sealed class XenstoreWithDeadline : IXenstore
{
    private readonly IXenstore _xenstore;
    private readonly TimeSpan _deadline;
    private readonly object _gate = new();

    // Under the gate.
    private string? _question;
    private bool _isBusy;
    private string? _value;
    private IOException? _error;

    public XenstoreWithDeadline(IXenstore xenstore, TimeSpan deadline)
    {
        _xenstore = xenstore;
        _deadline = deadline;
        new Thread(Answer) { IsBackground = true, Name = "xenstore" }.Start();
    }

    public string? Read(string path)
    {
        lock (_gate)
        {
            if (!_isBusy)
            {
                _question = path;
                _isBusy = true;
                Monitor.PulseAll(_gate);
                Monitor.Wait(_gate, _deadline);
            }
            if (_isBusy)
            {
                throw new IOException("xenstore does not answer");
            }
            return _error is null ? _value : throw new IOException(_error.Message, _error);
        }
    }

    private void Answer()
    {
        while (true)
        {
            string path = NextQuestion();
            string? value = null;
            IOException? error = null;
            try
            {
                value = _xenstore.Read(path);
            }
            catch (IOException e)
            {
                error = e;
            }
            lock (_gate)
            {
                _value = value;
                _error = error;
                _isBusy = false;
                Monitor.PulseAll(_gate);
            }
        }
    }

    private string NextQuestion()
    {
        lock (_gate)
        {
            while (_question is null)
            {
                Monitor.Wait(_gate);
            }
            string path = _question;
            _question = null;
            return path;
        }
    }
}
