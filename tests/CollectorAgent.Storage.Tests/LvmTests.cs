using CollectorAgent.TestKit;

namespace CollectorAgent.Storage.Tests;

/// <summary>Reports as LVM prints them, from programs in its place.</summary>
public sealed class LvmTests : IDisposable
{
    private readonly FakeLvm _lvm = new();

    public void Dispose() => _lvm.Dispose();

    [Fact]
    public void Groups_volumes_and_the_use_of_thin_pools_are_read()
    {
        var groups = List(out string? trouble);

        Assert.Null(trouble);
        Assert.Equal(4, groups.Count);
        var thin = groups.Single(group => group.Name == "thin");
        Assert.Equal(1000203091968, thin.SizeBytes);
        Assert.Equal(499998785536, thin.FreeBytes);
        Assert.Equal(
            [
                new LogicalVolume("pool0", 500000000000, IsPool: true, 0.4207, 0.125),
                new LogicalVolume("vm-1", 429496729600, IsPool: false),
                new LogicalVolume("vm-2", 214748364800, IsPool: false),
            ],
            thin.Volumes!);
        Assert.Equal(3, groups[0].Volumes!.Count);
    }

    [Fact]
    public void Nothing_is_locked_and_the_kernel_is_asked_for_thin_pools_only()
    {
        List(out _, config: "devices{filter=[\"r|/dev/sdz|\"]}");

        Assert.Equal(
            ["--config devices{filter=[\"r|/dev/sdz|\"]} --reportformat json --units b --nosuffix --readonly -o vg_uuid,vg_name,vg_size,vg_free"],
            _lvm.Calls("vgs"));
        Assert.Equal(2, _lvm.Calls("lvs").Length);
        Assert.Contains("--readonly -o vg_uuid,lv_name,lv_attr,lv_size", _lvm.Calls("lvs")[0], StringComparison.Ordinal);
        Assert.StartsWith(
            "--config devices{filter=[\"r|/dev/sdz|\"]} global{locking_type=0 metadata_read_only=1} ", _lvm.Calls("lvs")[1],
            StringComparison.Ordinal);

        string unthin = File.ReadAllText(FakeLvm.Fixture("lvs.json")).Replace("twi", "-wi", StringComparison.Ordinal);
        File.WriteAllText(_lvm.PathOf("unthin"), unthin);
        _lvm.Does("lvs", $"cat '{_lvm.PathOf("unthin")}'");
        List(out _);
        Assert.Equal(3, _lvm.Calls("lvs").Length);
    }

    [Fact]
    public void A_group_that_makes_vgs_fail_does_not_hide_the_others()
    {
        _lvm.Does("vgs", $"echo '  Cannot process volume group dead' >&2; cat '{FakeLvm.Fixture("vgs.json")}'; exit 5");

        var groups = List(out string? trouble);

        Assert.Equal(4, groups.Count);
        Assert.NotNull(groups[0].Volumes);
        Assert.Equal("vgs exited with 5: Cannot process volume group dead", trouble);
    }

    [Fact]
    public void Volumes_that_are_perhaps_not_all_are_unknown()
    {
        _lvm.Does("lvs", $"cat '{FakeLvm.Fixture("lvs.json")}'; exit 5");

        var groups = List(out string? trouble);

        Assert.All(groups, group => Assert.Null(group.Volumes));
        Assert.Equal("lvs exited with 5: ", trouble);
    }

    [Fact]
    public void Use_of_thin_pools_that_is_not_told_is_unknown()
    {
        _lvm.Does("lvs", $"case \"$*\" in *data_percent*) echo no kernel >&2; exit 3;; *) cat '{FakeLvm.Fixture("lvs.json")}';; esac");

        var thin = List(out string? trouble).Single(group => group.Name == "thin");

        Assert.Equal(double.NaN, thin.Volumes![0].DataUsed);
        Assert.Equal(429496729600, thin.Volumes[1].SizeBytes);
        Assert.Equal("use of thin pools: lvs exited with 3: no kernel", trouble);
    }

    [Theory]
    [InlineData("")]
    [InlineData("no JSON at all")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"report":[{"vg":[{"vg_uuid":"a"}]}]}""")]
    [InlineData("""{"report":[{"vg":[7]}]}""")]
    [InlineData("""{"report":[{"vg":[{"vg_uuid":"a","vg_name":"../x","vg_size":"2","vg_free":"1"}]}]}""")]
    [InlineData("""{"report":[{"vg":[{"vg_uuid":"a","vg_name":"x","vg_size":"1","vg_free":"2"}]}]}""")]
    [InlineData("""{"report":[{"vg":[{"vg_uuid":"a","vg_name":"x","vg_size":"-2","vg_free":"1"}]}]}""")]
    [InlineData("""{"report":[{"vg":[{"vg_uuid":"a","vg_name":"x","vg_size":"2.00g","vg_free":"1"}]}]}""")]
    [InlineData("""{"report":[{"vg":[{"vg_uuid":"a","vg_name":"x","vg_size":"99999999999999999999","vg_free":"1"}]}]}""")]
    [InlineData("""{"report":[{"vg":[{"vg_uuid":"a","vg_name":"x","vg_size":"2","vg_free":"1"}""")]
    public void Damaged_reports_are_refused_with_a_reason(string report)
    {
        File.WriteAllText(_lvm.PathOf("damaged"), report);
        _lvm.Does("vgs", $"cat '{_lvm.PathOf("damaged")}'");

        Assert.StartsWith("vgs printed ", Assert.ThrowsAny<IOException>(() => List(out _)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"vg_uuid":"u","lv_name":"a","lv_attr":"-","lv_size":"9223372036854775807"},{"vg_uuid":"u","lv_name":"b","lv_attr":"-","lv_size":"1"}""")]
    [InlineData("""{"vg_uuid":"u","lv_name":"a","lv_attr":"-","lv_size":"1"},{"vg_uuid":"u","lv_name":"a","lv_attr":"-","lv_size":"1"}""")]
    public void Volumes_that_cannot_be_are_unknown(string volumes)
    {
        _lvm.Does("vgs", """echo '{"report":[{"vg":[{"vg_uuid":"u","vg_name":"x","vg_size":"2","vg_free":"1"}]}]}'""");
        _lvm.Does("lvs", $$"""echo '{"report":[{"lv":[{{volumes}}]}]}'""");

        Assert.Null(Assert.Single(List(out string? trouble)).Volumes);
        Assert.Equal("lvs printed volumes that cannot be", trouble);
    }

    private IReadOnlyList<VolumeGroup> List(out string? trouble, string config = "")
    {
        var answer = new Lvm(_lvm.Folder, config).List(CancellationToken.None);
        trouble = answer.Trouble;
        return answer.Value!;
    }
}
