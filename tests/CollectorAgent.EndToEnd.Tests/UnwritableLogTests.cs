namespace CollectorAgent.EndToEnd.Tests;

/// <summary>A log that cannot be written: the agent records on, and stops when it is told to.</summary>
public sealed class UnwritableLogTests
{
    [Theory]
    [InlineData("a pipe whose reader has gone", "exec 2> >(exec head -n 1 >/dev/null)")]
    [InlineData("a full disk", "exec 2>/dev/full")]
    [InlineData("closed", "exec 2>&-")]
    [InlineData("all three closed", "exec 0<&- 1>&- 2>&-")]
    public Task Recording_and_the_end_do_not_wait_for_a_log(string where, string setup) => FloodedAgent.RecordsAndEndsAsync(where, setup);
}
