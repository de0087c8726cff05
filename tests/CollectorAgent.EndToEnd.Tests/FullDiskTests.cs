namespace CollectorAgent.EndToEnd.Tests;

/// <summary>Hosts whose disk is full, or fills, when an RRD comes or goes: it stays where it is, the answer says so, and once there is room the same can
/// be told again.</summary>
public sealed class FullDiskTests
{
    private const int Kib = 1024;

    // From none to enough: the disk fills at one step of the transfer after the other.
    private static readonly int[] FreeBytes = [0, 16 * Kib, 64 * Kib, 256 * Kib, 512 * Kib, 1024 * Kib, 8192 * Kib];

    [RootFact]
    public Task Sender_of_a_vm_that_moves() => MoveAsync("migrate_rrd", goesElsewhere: true, isReceiverFull: false);

    [RootFact]
    public Task Receiver_of_a_vm_that_moves() => MoveAsync("migrate_rrd", goesElsewhere: true, isReceiverFull: true);

    [RootFact]
    public Task Receiver_of_an_archive() => MoveAsync("archive_rrd", goesElsewhere: true, isReceiverFull: true);

    [RootFact]
    public Task Host_that_archives() => MoveAsync("archive_rrd", goesElsewhere: false, isReceiverFull: false);

    private static async Task MoveAsync(string method, bool goesElsewhere, bool isReceiverFull)
    {
        using var first = new PoolHost();
        using var second = new PoolHost();
        PoolHost.Join(first, second);
        var transfer = new Transfer(method, goesElsewhere ? second : null);
        using var disk = new SmallDisk(Path.Combine((isReceiverFull ? second : first).Paths.Root, "var"));
        using var here = await first.StartAsync();
        using var there = await second.StartAsync();
        int failed = 0;
        foreach (var (i, free) in FreeBytes.Index())
        {
            var vm = await transfer.PrepareAsync(first, here, i);
            disk.Fill(free);
            var (status, error) = await transfer.TellAsync(here, vm);
            if (status == "Failure")
            {
                failed++;
                Assert.Equal("Archive_failed", (string)error!.AsArray()[0]!);
                Assert.Equal([vm.Uuid], await Transfer.FailedAsync(here));
                await vm.AssertRecordedByAsync(here);
            }
            disk.Free();
            await transfer.TellAgainAsync(here, there, vm);
        }
        Assert.InRange(failed, 2, FreeBytes.Length - 1);
    }
}
