namespace CollectorAgent.Hooks;

/// <summary>One after the other for each owner: what is told of a VM while an archive of it is on its way comes after that.</summary>
internal sealed class Turns
{
    private readonly Dictionary<string, (SemaphoreSlim Gate, int Users)> _gates = new(StringComparer.Ordinal);

    /// <summary>Waits for the turn of this uuid; disposing ends it.</summary>
    public async Task<IDisposable> TakeAsync(string uuid, CancellationToken cancellationToken)
    {
        SemaphoreSlim gate;
        lock (_gates)
        {
            var (known, users) = _gates.GetValueOrDefault(uuid, (new SemaphoreSlim(1), 0));
            gate = known;
            _gates[uuid] = (known, users + 1);
        }
        try
        {
            await gate.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            Leave(uuid);
            throw;
        }
        return new Turn(this, uuid, gate);
    }

    private void Leave(string uuid)
    {
        lock (_gates)
        {
            var (gate, users) = _gates[uuid];
            if (users == 1)
            {
                _gates.Remove(uuid);
            }
            else
            {
                _gates[uuid] = (gate, users - 1);
            }
        }
    }

    private sealed class Turn(Turns turns, string uuid, SemaphoreSlim gate) : IDisposable
    {
        public void Dispose()
        {
            gate.Release();
            turns.Leave(uuid);
        }
    }
}
