using CollectorAgent.TestKit;

namespace CollectorAgent.Storage.Tests;

public sealed class LvmSrsTests : IDisposable
{
    private const string First = "0c9b5a1e-6f4d-4b52-9d35-7b1f2a0e8c11";
    private const string Second = "e1b7d2ac-93f0-4a6c-b1de-52c3f7a9d840";
    private const string Third = "5b0e7c1d-2c51-4f7e-8f8e-0b8c6a9e1f77";

    private readonly FakeLvm _lvm = new();
    private readonly ManualTime _time = new(DateTimeOffset.UnixEpoch);
    private readonly StringWriter _errors = new();
    private readonly LvmSrs _srs;

    public LvmSrsTests() =>
        _srs = new LvmSrs(new LvmOptions(_lvm.Folder, "", Map, TimeSpan.FromSeconds(30)), _time, _errors);

    private string Map => _lvm.PathOf("map");

    public void Dispose()
    {
        _srs.Dispose();
        _lvm.Dispose();
    }

    [Fact]
    public async Task Groups_of_the_storage_drivers_are_srs_by_their_name()
    {
        Assert.Empty(_srs.Update());

        Assert.Equal([First, Second], await ListedAsync());
        Assert.Equal("", _errors.ToString());
    }

    [Fact]
    public async Task A_map_names_others_is_read_again_when_it_changes_and_says_which_line_is_wrong()
    {
        await File.WriteAllTextAsync(Map, $"# ours\n\nthin {Third.ToUpperInvariant()}\nthin {First}\nnonsense\nother no-uuid\n");
        await ListedAsync();
        Assert.Equal([First, Third, Second], Uuids());
        Assert.Equal(
            [4, 5, 6], _errors.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line[Map.Length..])
                .Select(line => int.Parse(line[", line ".Length..line.IndexOf(':')], System.Globalization.CultureInfo.InvariantCulture)));

        await File.WriteAllTextAsync(Map, $"VG_XenStorage-{First} {Third}\n");
        Assert.Equal([Third, Second], Uuids());

        File.Delete(Map);
        Assert.Equal([First, Second], Uuids());
    }

    [Fact]
    public async Task A_map_that_cannot_be_read_changes_nothing_and_is_said_once()
    {
        await File.WriteAllTextAsync(Map, $"thin {Third}\n");
        await ListedAsync();

        await File.WriteAllTextAsync(Map, new string('#', 100_000));
        Assert.Equal([First, Third, Second], Uuids());
        Assert.Equal([First, Third, Second], Uuids());
        Assert.Equal($"{Map} is longer than 64 KiB\n", _errors.ToString());
    }

    [Fact]
    public async Task An_sr_that_two_groups_claim_is_unknown()
    {
        await File.WriteAllTextAsync(Map, $"thin {First}\n");

        Assert.Equal([Second], await ListedAsync());
        Assert.Equal($"SR {First} is more than one volume group; its values are unknown\n", _errors.ToString());
    }

    [Fact]
    public async Task While_lvm_hangs_values_are_unknown_and_no_second_one_is_started()
    {
        await ListedAsync();
        // The shell is killed at the deadline; what it has started holds on, as a program in an uninterruptible sleep does.
        _lvm.Does("vgs", $"mkfifo '{_lvm.PathOf("lun")}'; {{ touch '{_lvm.PathOf("hangs")}'; cat '{_lvm.PathOf("lun")}'; }} & wait");
        _time.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal([First, Second], Uuids());
        await UntilAsync(() => File.Exists(_lvm.PathOf("hangs")));

        for (int i = 0; i < 100; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(20));
            Assert.Empty(Uuids());
        }
        Assert.Equal(2, _lvm.Calls("vgs").Length);
        Assert.Equal("LVM: no answer within 20 s\n", _errors.ToString());

        _lvm.Does("vgs", $"cat '{FakeLvm.Fixture("vgs.json")}'");
        await File.WriteAllTextAsync(_lvm.PathOf("lun"), "");   // the disk is back

        Assert.Equal([First, Second], await ListedAsync());
        Assert.Equal("LVM: no answer within 20 s\nLVM: complete again\n", _errors.ToString());
    }

    [Fact]
    public async Task What_lvm_does_not_tell_is_said_and_unknown()
    {
        await ListedAsync();
        _lvm.Does("vgs", "echo '  no metadata' >&2; exit 5");
        _time.Advance(TimeSpan.FromSeconds(30));

        await UntilAsync(() => Uuids().Count == 0);
        Assert.Equal("LVM: vgs exited with 5: no metadata\n", _errors.ToString());
    }

    private List<string> Uuids() => [.. _srs.Update().Select(sr => sr.Uuid)];

    private async Task<List<string>> ListedAsync()
    {
        await UntilAsync(() => Uuids().Count > 0);
        return Uuids();
    }

    private Task UntilAsync(Func<bool> isSo) => Wait.UntilAsync(isSo, () => $"LVM's answer; it said: {_errors}");
}
