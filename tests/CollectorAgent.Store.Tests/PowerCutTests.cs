using CollectorAgent.Rrd;

namespace CollectorAgent.Store.Tests;

/// <summary>The power fails at any moment: of what was written since the last sync any sectors are on the disk, and any are not.</summary>
public sealed class PowerCutTests
{
    [Fact]
    public void State_that_was_synced_just_before_a_kill_is_there_until_the_next_sync_is_over()
    {
        using var rig = new StoreRig();
        rig.Record(StoreRig.Vm, StoreRig.Start + 1, StoreRig.Start + 10, "a");
        Assert.Equal(0, rig.Sync.Sync());
        byte[] synced = BitConverter.GetBytes((StoreRig.Start + 10) * 5.0);

        rig.Kill();
        rig.Record(StoreRig.Vm, StoreRig.Start + 11, StoreRig.Start + 15, "a");
        var owned = rig.Store.Find(StoreRig.Vm)!;
        Assert.True(owned.Space.BeginSync(owned.Rrd));
        rig.Record(StoreRig.Vm, StoreRig.Start + 16, StoreRig.Start + 20, "a");
        Assert.True(File.ReadAllBytes(rig.PathOf(StoreRig.Vm)).AsSpan().IndexOf(synced) > 0);

        owned.Space.EndSync(owned.Rrd, isOnDisk: true);
        Assert.Equal(0, rig.Sync.Sync());
        rig.Record(StoreRig.Vm, StoreRig.Start + 21, StoreRig.Start + 25, "a");
        Assert.True(File.ReadAllBytes(rig.PathOf(StoreRig.Vm)).AsSpan().IndexOf(synced) < 0);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void What_was_synced_is_there_and_nothing_that_was_not_recorded(int round)
    {
        for (int seed = round * 100; seed < round * 100 + 100; seed++)
        {
            using var history = new CutHistory(seed);
            try
            {
                history.Run();
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"seed {seed}: {history.Describe()}: {e.Message}", e);
            }
        }
    }
}
