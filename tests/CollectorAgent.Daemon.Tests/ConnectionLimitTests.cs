using System.Net;
using System.Net.Sockets;
using System.Text;
using CollectorAgent.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace CollectorAgent.Daemon.Tests;

/// <summary>One limit over two addresses and a Unix socket of a real server.</summary>
public sealed class ConnectionLimitTests : IAsyncLifetime
{
    private const int Most = 6;
    private const int Kept = 2;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("ca-limit-");
    private readonly ConnectionLimit _limit = new(new ConnectionShares(Most, Kept, MostOfUser: 2, KeptForRoot: 1), TimeProvider.System, NullLogger<ConnectionLimit>.Instance);
    private readonly List<Socket> _clients = [];
    private readonly IPEndPoint[] _addresses = [Free(), Free()];
    private WebApplication? _web;

    private string SocketPath => Path.Combine(_folder.FullName, "socket");

    public async Task InitializeAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.ConfigureEndpointDefaults(listener => listener.Use(_limit.Around));
            kestrel.ListenUnixSocket(SocketPath);
            Array.ForEach(_addresses, a => kestrel.Listen(a));
        });
        builder.Services.AddSingleton<IConnectionListenerFactory>(services => new LimitedTransport(
            new SocketTransportFactory(
                services.GetRequiredService<IOptions<SocketTransportOptions>>(), services.GetRequiredService<ILoggerFactory>()),
            _limit,
            new SocketWatch(_ => null, TimeProvider.System, NullLogger<SocketWatch>.Instance),
            (_, _) => { }));
        _web = builder.Build();
        _web.Run(context => context.Response.WriteAsync("here"));
        await _web.StartAsync();
    }

    public async Task DisposeAsync()
    {
        _clients.ForEach(c => c.Dispose());
        await _web!.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Readers_of_all_addresses_share_the_limit_and_never_take_what_is_the_sockets()
    {
        for (int i = 0; i < Most - Kept; i++)
        {
            Assert.True(await IsAnsweredAsync(_addresses[i % 2]));
        }
        Assert.False(await IsAnsweredAsync(_addresses[0]));
        Assert.False(await IsAnsweredAsync(_addresses[1]));
        for (int i = 0; i < Kept; i++)
        {
            Assert.True(await IsAnsweredAsync(new UnixDomainSocketEndPoint(SocketPath)));
        }
        Assert.False(await IsAnsweredAsync(new UnixDomainSocketEndPoint(SocketPath)));

        Assert.Equal(new ConnectionReport(Most, Most, Most - Kept, 3), _limit.Report);
    }

    [Fact]
    public async Task Place_of_a_reader_that_has_left_is_free_again()
    {
        for (int round = 0; round < 3; round++)
        {
            for (int i = 0; i < Most - Kept; i++)
            {
                Assert.True(await IsAnsweredAsync(_addresses[0]));
            }
            Assert.False(await IsAnsweredAsync(_addresses[0]));
            _clients.ForEach(c => c.Dispose());
            _clients.Clear();
            await Wait.UntilAsync(() => _limit.Report.Open == 0, () => $"no connection, not {_limit.Report.Open}");
        }
    }

    [Fact]
    public async Task Storm_of_connections_leaves_nothing_behind()
    {
        var storm = Enumerable.Range(0, 200).Select(i => IsAnsweredAsync(_addresses[i % 2])).ToList();
        bool[] answered = await Task.WhenAll(storm).WaitAsync(TimeSpan.FromSeconds(120));
        _clients.ForEach(c => c.Dispose());
        _clients.Clear();

        await Wait.UntilAsync(() => _limit.Report.Open == 0, () => $"no connection, not {_limit.Report.Open}");
        Assert.Equal(answered.Count(a => !a), _limit.Report.Refused);
        Assert.True(await IsAnsweredAsync(_addresses[0]));
    }

    [Fact]
    public void One_user_takes_no_more_than_their_share_and_all_of_them_leave_one_for_root()
    {
        // Neither root nor whoever runs this test.
        const uint One = 4_000_000_001;
        const uint Another = 4_000_000_002;
        const uint Third = 4_000_000_003;

        Assert.Equal([true, true, false], Take(One, 3));
        Assert.Equal([true, true, false], Take(Another, 3));
        Assert.Equal([true, false], Take(Third, 2));
        Assert.Equal([false], Take(null, 1));
        Assert.Equal([true, false], Take(0, 2));
        Assert.Equal(new ConnectionReport(Most, Most, Most - Kept, 5), _limit.Report);
    }

    [Fact]
    public async Task Place_of_a_user_who_has_left_is_free_again()
    {
        const uint One = 4_000_000_001;
        var serve = _limit.Around(_ => Task.CompletedTask);
        for (int round = 0; round < 3; round++)
        {
            var connections = Enumerable.Range(0, 2).Select(_ => new DefaultConnectionContext()).ToList();
            Assert.All(connections, c => Assert.True(_limit.TryTake(c, One)));
            Assert.Equal([false], Take(One, 1));
            foreach (var connection in connections)
            {
                await serve(connection);
            }
        }
        Assert.Equal(0, _limit.Report.Open);
    }

    private bool[] Take(uint? user, int count) => [.. Enumerable.Range(0, count).Select(_ => _limit.TryTake(new DefaultConnectionContext(), user))];

    private static IPEndPoint Free()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return (IPEndPoint)probe.LocalEndpoint;
    }

    /// <summary>Connects, asks, and stays.</summary>
    private async Task<bool> IsAnsweredAsync(EndPoint address)
    {
        var client = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Unspecified);
        lock (_clients)
        {
            _clients.Add(client);
        }
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(120));
        try
        {
            await client.ConnectAsync(address, deadline.Token);
            await client.SendAsync("GET / HTTP/1.1\r\nHost: a\r\n\r\n"u8.ToArray(), deadline.Token);
            byte[] answer = new byte[1024];
            int count = await client.ReceiveAsync(answer, deadline.Token);
            return Encoding.ASCII.GetString(answer, 0, count).StartsWith("HTTP/1.1 200", StringComparison.Ordinal);
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
