using System.Globalization;

namespace CollectorAgent.Peers;

/// <summary>Ends a transfer in which what is waited for does not come.</summary>
internal sealed class TransferDeadline : IDisposable
{
    private readonly CancellationTokenSource _silence;
    private readonly CancellationTokenSource _end;
    private string _what;
    private TimeSpan _within;

    /// <inheritdoc cref="Expect"/>
    public TransferDeadline(string what, TimeSpan within, TimeProvider time, CancellationToken cancellationToken)
    {
        _what = what;
        _within = within;
        _silence = new CancellationTokenSource(within, time);
        _end = CancellationTokenSource.CreateLinkedTokenSource(_silence.Token, cancellationToken);
    }

    /// <summary>Falls when the deadline is passed, or the transfer is no longer wanted.</summary>
    public CancellationToken Token => _end.Token;

    public bool IsPassed => _silence.IsCancellationRequested;

    /// <param name="what">What is waited for from now on.</param>
    /// <param name="within">How long.</param>
    public void Expect(string what, TimeSpan within)
    {
        _what = what;
        _within = within;
        _silence.CancelAfter(within);
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{_what} did not come within {_within.TotalSeconds} s");

    public void Dispose()
    {
        _end.Dispose();
        _silence.Dispose();
    }
}
