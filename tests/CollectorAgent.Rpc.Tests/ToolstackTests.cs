using System.Net.Sockets;
using CollectorAgent.Protocol;

namespace CollectorAgent.Rpc.Tests;

/// <summary>A toolstack's calls over the socket, in both of its languages.</summary>
public sealed class ToolstackTests : IAsyncLifetime
{
    private readonly SocketRig _rig = new();
    private readonly CancellationTokenSource _stop = new();
    private Thread? _tick;

    public static TheoryData<string> Methods => [.. ToolstackExamples.All.Select(e => e.Method)];

    public async Task InitializeAsync()
    {
        await _rig.InitializeAsync();
        _tick = new Thread(() => _rig.Sampler.Run(_stop.Token));
        _tick.Start();
    }

    public async Task DisposeAsync()
    {
        await _stop.CancelAsync();
        _tick!.Join();
        await _rig.DisposeAsync();
        _stop.Dispose();
    }

    [Fact]
    public void There_are_forty_examples() => Assert.Equal(40, ToolstackExamples.All.Select(e => e.Method).Distinct().Count());

    [Theory]
    [MemberData(nameof(Methods))]
    public async Task Example_of_the_field_is_answered_with_a_value_of_its_kind_or_the_right_error(string method)
    {
        var (_, parameters, example, variant) = ToolstackExamples.All.Single(e => e.Method == method);

        var answer = await CallAsync(method, parameters);

        if (variant.Length > 0)
        {
            Assert.Equal(variant, Assert.Throws<RpcFailureException>(() => RpcReply.Open(answer)).Variant);
            return;
        }
        Assert.Equal(example.GetType(), RpcReply.Open(answer).GetType());
    }

    [Theory]
    [MemberData(nameof(Methods))]
    public async Task Same_call_in_messagepack_has_the_same_answer(string method)
    {
        var (_, parameters, _, variant) = ToolstackExamples.All.Single(e => e.Method == method);
        if (method.StartsWith("Plugin.", StringComparison.Ordinal))
        {
            return;
        }
        using var client = await _rig.HelloAsync();

        string answer = await client.CallAsync(method, [.. Members(parameters)]);

        Assert.Equal(variant.Length > 0, answer.Contains(variant.Length > 0 ? variant : "code", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("has_vm_rrd", "../../etc/passwd", "is no uuid")]
    [InlineData("archive_rrd", "a/b", "is no uuid")]
    [InlineData("query_vm_ds", "abcde", "'ds_name' is missing")]
    public async Task Wrong_argument_is_named(string method, string uuid, string said)
    {
        var failure = await CallAsync(method, [new XmlRpcValue.Struct([new("vm_uuid", uuid)])]);

        Assert.Contains(said, Assert.Throws<RpcFailureException>(() => RpcReply.Open(failure)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_said_once_is_known_to_the_next_process()
    {
        await CallAsync("update_use_min_max", [new XmlRpcValue.Struct([new("value", new XmlRpcValue.Boolean(true))])]);
        await CallAsync("set_cache_sr", [new XmlRpcValue.Struct([new("sr_uuid", "abcde")])]);

        var settings = new Hooks.ToldSettings(
            Path.Combine(_rig.Paths.Store, "toolstack.json"), Microsoft.Extensions.Logging.Abstractions.NullLogger<Hooks.ToldSettings>.Instance);

        Assert.Equal(new Hooks.ToldValues { UseMinMax = true, CacheSr = "abcde" }, settings.Values);
    }

    private static IEnumerable<(string Name, object Value)> Members(XmlRpcValue[] parameters) =>
        parameters[0] is XmlRpcValue.Struct named ? named.Members.Select(m => (m.Key, Plain(m.Value))) : [];

    private static object Plain(XmlRpcValue value) => value switch
    {
        XmlRpcValue.Text text => text.Value,
        XmlRpcValue.Real real => real.Value,
        XmlRpcValue.Boolean boolean => boolean.Value,
        XmlRpcValue.List list => list.Items.Select(Plain).ToArray(),
        XmlRpcValue.Struct members => members.Members.Select(m => KeyValuePair.Create<object?, object?>(m.Key, Plain(m.Value))).ToArray(),
        _ => throw new NotSupportedException(),
    };

    private async Task<XmlRpcValue> CallAsync(string method, XmlRpcValue[] parameters)
    {
        using var http = new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = async (_, token) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(_rig.SocketPath), token);
                return new NetworkStream(socket, ownsSocket: true);
            },
        });
        using var content = new ByteArrayContent(XmlRpc.WriteCall(new XmlRpcCall(method, parameters)));
        using var answer = await http.PostAsync(new Uri("http://localhost/"), content);
        Assert.Equal(200, (int)answer.StatusCode);
        return XmlRpc.ReadResponse(await answer.Content.ReadAsStreamAsync());
    }
}
