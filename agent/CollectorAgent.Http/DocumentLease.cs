namespace CollectorAgent.Http;

/// <summary>The share of a <see cref="DocumentBudget"/> that one document has until it is sent, and its turn at a processor.</summary>
/// <remarks>Used by one request, which does one thing after the other.</remarks>
internal sealed class DocumentLease(DocumentBudget budget, long bytes, long rowBytes) : IDisposable
{
    private bool _hasTurn;
    private bool _isReturned;

    /// <summary>Values that it may hold at once.</summary>
    public int Cells => (int)(rowBytes / sizeof(double));

    public DocumentBudget Budget => budget;

    /// <summary>Waits for a processor.</summary>
    /// <exception cref="OperationCanceledException">The reader is gone.</exception>
    public async ValueTask GoOnAsync(CancellationToken cancellationToken)
    {
        await budget.Turns.WaitAsync(cancellationToken);
        _hasTurn = true;
    }

    /// <summary>Nothing is made of the document for now.</summary>
    public void Pause()
    {
        if (_hasTurn)
        {
            _hasTurn = false;
            budget.Turns.Release();
        }
    }

    public void Dispose()
    {
        Pause();
        if (!_isReturned)
        {
            _isReturned = true;
            budget.Return(bytes);
        }
    }
}
