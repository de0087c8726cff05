using CollectorAgent.TestKit;

namespace CollectorAgent.Http.Tests;

/// <summary>The memory that all documents share, and who gets what of it when.</summary>
public sealed class DocumentBudgetTests : IDisposable
{
    private const long Total = 1_000;

    private readonly ManualTime _time = new(DateTimeOffset.UnixEpoch);
    private readonly DocumentBudget _budget;

    public DocumentBudgetTests() => _budget = new DocumentBudget(Total, 1, _time);

    public void Dispose() => _budget.Dispose();

    [Fact]
    public async Task Documents_have_no_more_than_all_together()
    {
        using var first = await TakeAsync(600);
        using var second = await TakeAsync(400);
        var third = TakeAsync(1);

        Assert.False(third.IsCompleted);
        Assert.Equal((2, Total, 1), (_budget.Report.Documents, _budget.Report.Bytes, _budget.Report.Waiting));
        second!.Dispose();
        (await third)!.Dispose();
        Assert.Equal((1, 600L, 0L), (_budget.Report.Documents, _budget.Report.Bytes, _budget.Report.Refused));
    }

    [Fact]
    public async Task Document_larger_than_everything_is_made_alone()
    {
        using var small = await TakeAsync(10);
        var large = TakeAsync(5_000);
        Assert.False(large.IsCompleted);

        small!.Dispose();

        using var lease = await large;
        Assert.NotNull(lease);
        Assert.False(TakeAsync(1).IsCompleted);
    }

    [Fact]
    public async Task Who_came_first_is_served_first_even_where_a_later_one_would_fit()
    {
        using var lease = await TakeAsync(900);
        var large = TakeAsync(500);
        var small = TakeAsync(50);

        Assert.False(small.IsCompleted);
        lease!.Dispose();
        Assert.NotNull(await large);
        Assert.NotNull(await small);
    }

    [Fact]
    public async Task Nobody_waits_longer_than_the_patience_and_those_behind_move_up()
    {
        using var lease = await TakeAsync(900);
        var large = TakeAsync(500);
        _time.Advance(DocumentBudget.Patience / 2);
        var small = TakeAsync(50);

        _time.Advance(DocumentBudget.Patience / 2);

        Assert.Null(await large);
        Assert.NotNull(await small);
        Assert.Equal(1, _budget.Report.Refused);
    }

    [Fact]
    public async Task More_than_can_wait_are_refused_at_once()
    {
        using var lease = await TakeAsync(Total);
        var waiting = Enumerable.Range(0, DocumentBudget.MaxWaiting).Select(_ => TakeAsync(1)).ToList();

        Assert.Null(await TakeAsync(1));

        Assert.DoesNotContain(waiting, w => w.IsCompleted);
        lease!.Dispose();
        Assert.DoesNotContain(null, await Task.WhenAll(waiting));
    }

    [Fact]
    public async Task Reader_that_leaves_while_it_waits_makes_room_for_those_behind()
    {
        using var lease = await TakeAsync(900);
        using var gone = new CancellationTokenSource();
        var large = TakeAsync(500, gone.Token);
        var small = TakeAsync(50);

        await gone.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => large);
        Assert.NotNull(await small);
        Assert.Equal(0, _budget.Report.Refused);
    }

    [Fact]
    public async Task Reader_that_has_left_already_takes_nothing() =>
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => TakeAsync(1, new CancellationToken(canceled: true)));

    [Theory]
    [InlineData(10, 8, 400, 400)]
    [InlineData(10, 8, 4_000, 250)]
    [InlineData(600, 8, 400, 8)]
    public async Task Rows_have_what_is_worth_it_as_long_as_half_is_left_for_others(long head, int least, long most, int expected)
    {
        using var lease = await _budget.TakeAsync(new DocumentCost(head, least, most), CancellationToken.None);

        Assert.Equal(expected / sizeof(double), lease!.Cells);
    }

    private Task<DocumentLease?> TakeAsync(long bytes, CancellationToken cancellationToken = default) =>
        _budget.TakeAsync(new DocumentCost(bytes), cancellationToken).AsTask();
}
