using System.Diagnostics;
using CollectorAgent.XenPlugin.Native;

namespace CollectorAgent.XenPlugin.Tests;

public sealed class LayoutTests : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    private readonly string _folder = Directory.CreateTempSubdirectory("xen-layout-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Values_lie_where_xens_own_headers_have_them()
    {
        const string Program = """
            #include <stddef.h>
            #include <stdio.h>
            #include <xenctrl.h>
            #define AT(type, field) printf(#type "." #field " %zu\n", offsetof(type, field))
            #define SIZE(type) printf(#type " %zu\n", sizeof(type))
            int main(void)
            {
                AT(xc_domaininfo_t, domain);
                AT(xc_domaininfo_t, flags);
                AT(xc_domaininfo_t, tot_pages);
                AT(xc_domaininfo_t, cpu_time);
                AT(xc_domaininfo_t, nr_online_vcpus);
                AT(xc_domaininfo_t, max_vcpu_id);
                AT(xc_domaininfo_t, handle);
                AT(xc_physinfo_t, nr_cpus);
                AT(xc_physinfo_t, total_pages);
                AT(xc_physinfo_t, free_pages);
                AT(xc_vcpuinfo_t, online);
                AT(xc_vcpuinfo_t, blocked);
                AT(xc_vcpuinfo_t, cpu_time);
                SIZE(xc_cpuinfo_t);
                printf("fits %d\n", sizeof(xc_domaininfo_t) <= 1024 && sizeof(xc_physinfo_t) <= 1024 && sizeof(xc_vcpuinfo_t) <= 1024);
                return 0;
            }
            """;
        var layout = XenLayout.Of(new Version(4, 17))!;

        Assert.Equal(
            $"""
            xc_domaininfo_t.domain {XenLayout.DomainIdOffset}
            xc_domaininfo_t.flags {XenLayout.DomainFlagsOffset}
            xc_domaininfo_t.tot_pages {XenLayout.DomainTotalPagesOffset}
            xc_domaininfo_t.cpu_time {XenLayout.DomainCpuTimeOffset}
            xc_domaininfo_t.nr_online_vcpus {XenLayout.DomainOnlineVcpusOffset}
            xc_domaininfo_t.max_vcpu_id {XenLayout.DomainMaxVcpuIdOffset}
            xc_domaininfo_t.handle {XenLayout.DomainHandleOffset}
            xc_physinfo_t.nr_cpus {XenLayout.OnlineCpusOffset}
            xc_physinfo_t.total_pages {layout.TotalPagesOffset}
            xc_physinfo_t.free_pages {layout.FreePagesOffset}
            xc_vcpuinfo_t.online {XenLayout.VcpuOnlineOffset}
            xc_vcpuinfo_t.blocked {XenLayout.VcpuBlockedOffset}
            xc_vcpuinfo_t.cpu_time {XenLayout.VcpuCpuTimeOffset}
            xc_cpuinfo_t {sizeof(ulong)}
            fits 1

            """,
            await OutputOfAsync(Program));
        Assert.Equal(1024, XenLayout.BufferBytes);
    }

    [Fact]
    public async Task The_bits_of_a_domains_state_are_xens()
    {
        const string Program = """
            #include <stdio.h>
            #include <xenctrl.h>
            int main(void)
            {
                printf("%u %u %u %u %u\n", XEN_DOMINF_dying, XEN_DOMINF_shutdown, XEN_DOMINF_paused, XEN_DOMINF_blocked, XEN_DOMINF_running);
                return 0;
            }
            """;

        DomainState[] states = [DomainState.Dying, DomainState.Shutdown, DomainState.Paused, DomainState.Blocked, DomainState.Running];
        Assert.Equal(string.Join(' ', states.Select(state => (uint)state)) + "\n", await OutputOfAsync(Program));
    }

    [Theory]
    [InlineData("4.6")]
    [InlineData("4.22")]
    [InlineData("5.17")]
    [InlineData("3.17")]
    public void A_version_that_is_not_known_has_no_layout(string version)
    {
        Assert.Null(XenLayout.Of(Version.Parse(version)));
    }

    [Theory]
    [InlineData("4.7", 32)]
    [InlineData("4.16", 32)]
    [InlineData("4.17", 40)]
    [InlineData("4.21", 40)]
    public void Page_counts_moved_with_xen_4_17(string version, int offset)
    {
        Assert.Equal(offset, XenLayout.Of(Version.Parse(version))!.TotalPagesOffset);
    }

    [Fact]
    public void A_domain_is_read_from_its_bytes()
    {
        byte[] bytes = new byte[XenLayout.BufferBytes];
        BitConverter.TryWriteBytes(bytes.AsSpan(0), (ushort)7);
        BitConverter.TryWriteBytes(bytes.AsSpan(4), 8u | 16u);
        BitConverter.TryWriteBytes(bytes.AsSpan(8), 4096ul);
        BitConverter.TryWriteBytes(bytes.AsSpan(56), 123_456_789ul);
        BitConverter.TryWriteBytes(bytes.AsSpan(64), 2u);
        BitConverter.TryWriteBytes(bytes.AsSpan(68), 3u);
        Convert.FromHexString("a1b2c3d40001400080000000000000ff").CopyTo(bytes, 76);

        Assert.Equal(
            new DomainInfo(7, DomainState.Paused | DomainState.Blocked, 4096, 123_456_789, 2, 3, Guid.Parse("a1b2c3d4-0001-4000-8000-0000000000ff")),
            XenLayout.ReadDomain(bytes));
    }

    private async Task<string> OutputOfAsync(string program)
    {
        string source = Path.Combine(_folder, "layout.c");
        string built = Path.Combine(_folder, "layout");
        await File.WriteAllTextAsync(source, program);
        await RunAsync("gcc", "-o", built, source);
        return await RunAsync(built);
    }

    private static async Task<string> RunAsync(string file, params string[] arguments)
    {
        using var timeout = new CancellationTokenSource(Deadline, TimeProvider.System);
        using var process = Process.Start(new ProcessStartInfo(file, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEndAsync(timeout.Token);
        string output = await process.StandardOutput.ReadToEndAsync(timeout.Token);
        await process.WaitForExitAsync(timeout.Token);
        Assert.True(process.ExitCode == 0, await errors);
        return output;
    }
}
