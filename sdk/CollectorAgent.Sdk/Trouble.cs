namespace CollectorAgent.Sdk;

/// <summary>What is wrong now, said on standard error once for each change.</summary>
internal sealed class Trouble
{
    private string? _said;

    /// <param name="problem">Null where nothing is wrong.</param>
    public void Is(string? problem)
    {
        if (problem is not null && problem != _said)
        {
            Console.Error.WriteLine(problem);
        }
        _said = problem;
    }
}
