using CollectorAgent.Rrd;

namespace CollectorAgent.Store.Tests;

/// <summary>On small file systems of their own, which takes the right to mount.</summary>
public sealed class FullDiskTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("ca-full-");

    private string Mount => Path.Combine(_folder.FullName, "mount");

    private string Ballast => Path.Combine(Mount, "ballast");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("ext4")]
    [InlineData("tmpfs")]
    public void Recording_goes_on_in_memory_while_the_disk_is_full_and_is_stored_once_it_is_not(string system)
    {
        if (!TryMount(system))
        {
            Assert.NotEqual("true", Environment.GetEnvironmentVariable("CI"));
            return;
        }
        var rig = new StoreRig(Mount);
        try
        {
            // 2000 columns: a step is as long as a chunk, so each one needs room.
            var names = Enumerable.Range(0, 2000).Select(i => $"n{i}").ToArray();
            rig.Record(RrdOwner.Host, StoreRig.Start + 1, StoreRig.Start + 2, names);
            Assert.Equal(0, rig.Sync.Sync());
            Fill();

            rig.Record(RrdOwner.Host, StoreRig.Start + 3, StoreRig.Start + 40, names);
            rig.Record(StoreRig.Vm, StoreRig.Start + 40, "new");
            rig.Record(RrdOwner.Host, StoreRig.Start + 41, [.. names, "added"]);
            int unsynced = rig.Sync.Sync();

            Assert.True(unsynced > 0, "the disk was not full");
            Assert.Equal(unsynced, rig.Store.InMemory);
            Assert.Contains("It goes on in memory", Assert.Single(rig.Log.Lines), StringComparison.Ordinal);
            AssertServed(rig, StoreRig.Start + 22, StoreRig.Start + 40);

            File.Delete(Ballast);
            Assert.Equal(0, rig.Sync.Sync());
            Assert.Equal(0, rig.Store.InMemory);
            Assert.Equal("All that is recorded is in its files again", rig.Log.Lines[^1]);
            rig.Kill();
            AssertServed(rig, StoreRig.Start + 22, StoreRig.Start + 40);
            Assert.Equal(StoreRig.Value("added", StoreRig.Start + 41), StoreRig.Cell(rig.Store.Find(RrdOwner.Host)!, "added", StoreRig.Start + 41));
            Assert.Equal(2, rig.Log.Lines.Count);
        }
        finally
        {
            rig.Dispose();
            // Stores that were killed have their mappings still.
            Assert.Equal(0, Programs.Run("umount", "--lazy", Mount));
        }
    }

    [Fact]
    public void Killed_while_the_disk_is_full_the_agent_finds_what_it_had_before()
    {
        if (!TryMount("ext4"))
        {
            Assert.NotEqual("true", Environment.GetEnvironmentVariable("CI"));
            return;
        }
        var rig = new StoreRig(Mount);
        try
        {
            var names = Enumerable.Range(0, 2000).Select(i => $"n{i}").ToArray();
            rig.Record(RrdOwner.Host, StoreRig.Start + 1, StoreRig.Start + 2, names);
            Fill();
            rig.Record(RrdOwner.Host, StoreRig.Start + 3, StoreRig.Start + 10, [.. names, "added"]);
            Assert.Equal(1, rig.Sync.Sync());

            rig.Kill();

            var owned = rig.Store.Find(RrdOwner.Host)!;
            Assert.Equal(StoreRig.Value("n7", StoreRig.Start + 2), StoreRig.Cell(owned, "n7", StoreRig.Start + 2));
            Assert.True(double.IsNaN(StoreRig.Cell(owned, "n7", StoreRig.Start + 10)));
            rig.Record(RrdOwner.Host, StoreRig.Start + 11, names);
            Assert.Equal(StoreRig.Value("n7", StoreRig.Start + 11), StoreRig.Cell(owned, "n7", StoreRig.Start + 11));
        }
        finally
        {
            rig.Dispose();
            Assert.Equal(0, Programs.Run("umount", "--lazy", Mount));
        }
    }

    private static void AssertServed(StoreRig rig, long first, long last)
    {
        for (long step = first; step <= last; step++)
        {
            Assert.Equal(StoreRig.Value("n1999", step), StoreRig.Cell(rig.Store.Find(RrdOwner.Host)!, "n1999", step));
        }
        Assert.Equal(StoreRig.Value("new", last), StoreRig.Cell(rig.Store.Find(StoreRig.Vm)!, "new", last));
    }

    private bool TryMount(string system)
    {
        Directory.CreateDirectory(Mount);
        if (system == "tmpfs")
        {
            return Programs.Run("mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", Mount) == 0;
        }
        string image = Path.Combine(_folder.FullName, "image");
        File.WriteAllBytes(image, new byte[16 << 20]);
        return Programs.TryRun("mkfs.ext4", "-q", "-m", "0", image) && Programs.TryRun("mount", "-o", "loop", image, Mount);
    }

    /// <summary>Takes all the room there is.</summary>
    private void Fill()
    {
        using var file = new FileStream(Ballast, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        for (int block = 4 << 20; block >= 512; block /= 2)
        {
            try
            {
                while (true)
                {
                    file.Write(new byte[block]);
                    file.Flush(flushToDisk: true);
                }
            }
            catch (IOException)
            {
                // Smaller ones may still fit.
            }
        }
    }
}
