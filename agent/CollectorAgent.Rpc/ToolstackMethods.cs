using CollectorAgent.Hooks;
using CollectorAgent.Plugins;
using CollectorAgent.Protocol;
using CollectorAgent.Sampling;
using CollectorAgent.Store;
using Microsoft.Extensions.Logging;
using Method = System.Func<CollectorAgent.Rpc.RpcArguments, System.Threading.CancellationToken, System.Threading.Tasks.Task<CollectorAgent.Protocol.XmlRpcValue>>;

namespace CollectorAgent.Rpc;

/// <summary>The methods of a toolstack by name. See docs/formats/toolstack-rpc.md.</summary>
public sealed class ToolstackMethods
{
    // Pages that VMs shared with their host; they were removed from the field in 2023.
    private const string Interdomain = "Plugin.Interdomain.";

    /// <summary>Names that an answer lists at most.</summary>
    private const int MaxListed = 100;

    // As it is declared in the field, with a blank.
    private const string DeclaredMasterAddress = "master address";

    private readonly LifeCycles _lifeCycles;
    private readonly RecordedSources _sources;
    private readonly HighAvailability _highAvailability;
    private readonly CacheSr _cacheSr;
    private readonly ToldSettings _settings;
    private readonly Sampler _sampler;
    private readonly ILogger _log;
    private readonly Dictionary<string, Method> _methods;

    public ToolstackMethods(
        LifeCycles lifeCycles, RecordedSources sources, HighAvailability highAvailability, CacheSr cacheSr, ToldSettings settings, Sampler sampler,
        ILogger<ToolstackMethods> log)
    {
        _lifeCycles = lifeCycles;
        _sources = sources;
        _highAvailability = highAvailability;
        _cacheSr = cacheSr;
        _settings = settings;
        _sampler = sampler;
        _log = log;
        _methods = new(StringComparer.Ordinal)
        {
            [ToolstackMethod.HasVmRrd] = Answering(a => new XmlRpcValue.Boolean(_lifeCycles.HasVm(Vm(a)))),
            [ToolstackMethod.PushRrdLocal] = Doing((a, c) => _lifeCycles.PushVmAsync(Vm(a), c)),
            [ToolstackMethod.PushRrdRemote] = Doing((a, c) => _lifeCycles.PushVmAsync(Vm(a), a.Text(ToolstackMethod.RemoteAddress), c)),
            [ToolstackMethod.RemoveRrd] = Doing((a, c) => _lifeCycles.RemoveAsync(a.Uuid(ToolstackMethod.Uuid), c)),
            [ToolstackMethod.MigrateRrd] = Doing((a, c) => _lifeCycles.MigrateVmAsync(
                Vm(a), a.Text(ToolstackMethod.RemoteAddress), a.OptionalText(ToolstackMethod.SessionId), c)),
            [ToolstackMethod.SendHostRrdToMaster] = Doing((a, c) => _lifeCycles.SendHostAsync(a.Text(ToolstackMethod.MasterAddress), c)),
            [ToolstackMethod.BackupRrds] = Doing((a, c) => _lifeCycles.BackUpAsync(a.OptionalText(ToolstackMethod.RemoteAddress), c)),
            [ToolstackMethod.SaveRrds] = Doing((_, c) => _lifeCycles.BackUpAsync(address: null, c)),
            [ToolstackMethod.ArchiveRrd] = Doing((a, c) => _lifeCycles.ArchiveVmAsync(Vm(a), a.OptionalText(ToolstackMethod.RemoteAddress), c)),
            [ToolstackMethod.ArchiveSrRrd] = async (a, c) => await _lifeCycles.ArchiveSrAsync(Sr(a), a.Truth(ToolstackMethod.Stop, absent: false), c),
            [ToolstackMethod.PushSrRrd] = Doing((a, c) => _lifeCycles.PushSrAsync(Sr(a), a.Text(ToolstackMethod.Path), c)),
            [ToolstackMethod.SrRrdsPath] = Answering(a => _lifeCycles.PathOfSr(a.Uuid(RpcMethod.Uid))),
            [ToolstackMethod.AddHostDs] = Adding(_ => RrdOwner.Host),
            [ToolstackMethod.ForgetHostDs] = Forgetting(_ => RrdOwner.Host),
            [ToolstackMethod.QueryHostDs] = Querying(_ => RrdOwner.Host),
            [ToolstackMethod.QueryPossibleHostDss] = Listing(_ => RrdOwner.Host),
            [ToolstackMethod.AddVmDs] = Adding(VmOwner),
            [ToolstackMethod.ForgetVmDs] = Forgetting(VmOwner),
            [ToolstackMethod.QueryVmDs] = Querying(VmOwner),
            [ToolstackMethod.QueryPossibleVmDss] = Listing(VmOwner),
            [ToolstackMethod.AddSrDs] = Adding(SrOwner),
            [ToolstackMethod.ForgetSrDs] = Forgetting(SrOwner),
            [ToolstackMethod.QuerySrDs] = Querying(SrOwner),
            [ToolstackMethod.QueryPossibleSrDss] = Listing(SrOwner),
            [ToolstackMethod.ForgetMatchingDss] = (a, _) => ForgetMatchingAsync(a),
            [ToolstackMethod.UpdateUseMinMax] = Doing((a, _) => UseMinMaxAsync(a.Truth(ToolstackMethod.Value))),
            [ToolstackMethod.SetCacheSr] = Doing((a, _) => UseCacheSr(Sr(a))),
            [ToolstackMethod.UnsetCacheSr] = Doing((_, _) => UseCacheSr(null)),
            [ToolstackMethod.HaEnableAndUpdate] = Doing((a, _) => UpdateHighAvailability(a)),
            [ToolstackMethod.HaDisable] = Doing((_, _) => DisableHighAvailability()),
            [ToolstackMethod.LoadRrd] = Doing((a, c) => _lifeCycles.LoadHostAsync(
                a.Uuid(ToolstackMethod.Uuid), a.OptionalText(DeclaredMasterAddress) ?? a.OptionalText(ToolstackMethod.MasterAddress), c)),
            [ToolstackMethod.UpdateVmMemoryTarget] = Doing((_, _) => Task.CompletedTask),
        };
    }

    public bool Has(string method) => _methods.ContainsKey(method) || method.StartsWith(Interdomain, StringComparison.Ordinal);

    /// <summary>Does a call.</summary>
    /// <param name="peer">Who calls, where the kernel knows.</param>
    /// <exception cref="RpcRequestException">It cannot be done; whatever it was about is as it was.</exception>
    public async Task<XmlRpcValue> CallAsync(XmlRpcCall call, PeerIdentity? peer, CancellationToken cancellationToken)
    {
        if (peer?.IsRootOrOwn != true)
        {
            throw new RpcRequestException(RpcError.InternalError, $"{call.Method}: only root and the agent's own user may do that");
        }
        if (!_methods.TryGetValue(call.Method, out var method))
        {
            throw new RpcRequestException(RpcError.InvalidProtocol, $"{call.Method}: pages of other domains are not read any more");
        }
        try
        {
            return await method(new RpcArguments(call), cancellationToken);
        }
        catch (ArchiveFailedException e)
        {
            throw new RpcRequestException(RpcError.ArchiveFailed, e.Message);
        }
        catch (DataSourceMissingException e)
        {
            throw new RpcRequestException(RpcError.DatasourceMissing, e.Message);
        }
        catch (IOException e)
        {
            throw new RpcRequestException(RpcError.InternalError, $"{call.Method}: {e.Message}");
        }
        catch (Exception e) when (e is not (RpcRequestException or OperationCanceledException))
        {
            Log.CallFailed(_log, call.Method, e);
            throw new RpcRequestException(RpcError.InternalError, $"{call.Method}: the agent failed, its log says how: {e.Message}");
        }
    }

    private static string Vm(RpcArguments arguments) => arguments.Uuid(ToolstackMethod.VmUuid);

    private static string Sr(RpcArguments arguments) => arguments.Uuid(ToolstackMethod.SrUuid);

    private static RrdOwner VmOwner(RpcArguments arguments) => new(RrdOwnerKind.Vm, Vm(arguments));

    private static RrdOwner SrOwner(RpcArguments arguments) => new(RrdOwnerKind.Sr, Sr(arguments));

    private static Method Doing(Func<RpcArguments, CancellationToken, Task> work) => async (arguments, cancellationToken) =>
    {
        await work(arguments, cancellationToken);
        return XmlRpcValue.Nothing;
    };

    private static Method Answering(Func<RpcArguments, XmlRpcValue> answer) => (arguments, _) => Task.FromResult(answer(arguments));

    private Method Adding(Func<RpcArguments, RrdOwner> owner) => Doing((a, _) => _sources.AddAsync(owner(a), a.Text(ToolstackMethod.DsName)));

    private Method Forgetting(Func<RpcArguments, RrdOwner> owner) => Doing((a, _) => _sources.ForgetAsync(owner(a), a.Text(ToolstackMethod.DsName)));

    private Method Querying(Func<RpcArguments, RrdOwner> owner) => Answering(a => _sources.Query(owner(a), a.Text(ToolstackMethod.DsName)));

    private Method Listing(Func<RpcArguments, RrdOwner> owner) => Answering(a => new XmlRpcValue.List([.. _sources.Possible(owner(a)).Select(Struct)]));

    private async Task<XmlRpcValue> ForgetMatchingAsync(RpcArguments arguments)
    {
        var owner = arguments.OptionalOwner(ToolstackMethod.Owner)?.ToRrdOwner();
        string pattern = arguments.Text(ToolstackMethod.Pattern);
        var matching = _sources.Matching(owner, pattern);
        int count = arguments.Truth(ToolstackMethod.DryRun, absent: false)
            ? matching.Count
            : await _sources.ForgetMatchingAsync(owner, pattern);
        return new XmlRpcValue.Struct(
        [
            new(ToolstackMethod.Count, new XmlRpcValue.Integer(count)),
            new(ToolstackMethod.Reported, new XmlRpcValue.Integer(matching.Count(s => s.IsReported))),
            new(ToolstackMethod.First, new XmlRpcValue.List(
                [.. matching.Take(MaxListed).Select(s => XmlRpcValue.FromString($"{s.Owner.FileName}: {s.Name}"))])),
        ]);
    }

    private static XmlRpcValue Struct(PossibleSource source) => new XmlRpcValue.Struct(
    [
        new("name", source.Name),
        new("description", source.Description),
        new("enabled", new XmlRpcValue.Boolean(source.IsRecorded)),
        new("standard", new XmlRpcValue.Boolean(source.IsStandard)),
        new("min", source.Min),
        new("max", source.Max),
        new("units", source.Units),
    ]);

    private async Task UseMinMaxAsync(bool value)
    {
        _settings.Change(v => v with { UseMinMax = value });
        await _sampler.KeepMinMaxAsync(value);
    }

    private Task UseCacheSr(string? uuid)
    {
        _settings.Change(v => v with { CacheSr = uuid });
        _cacheSr.Set(uuid);
        return Task.CompletedTask;
    }

    private Task UpdateHighAvailability(RpcArguments arguments)
    {
        var statefiles = arguments.Structs(ToolstackMethod.StatefileLatencies)
            .Select(s => (s.Find(ToolstackMethod.Id)?.AsText ?? "", s.Find(ToolstackMethod.Latency)?.AsNumber));
        bool isTaken = _highAvailability.Update(
            [.. statefiles.Where(s => PluginUid.IsValid(s.Item1))],
            arguments.Number(ToolstackMethod.HeartbeatLatency),
            arguments.Number(ToolstackMethod.XapiLatency));
        return isTaken ? Task.CompletedTask : throw new RpcRequestException(RpcError.InternalError, "too many pages come at once; try again in a few seconds");
    }

    private Task DisableHighAvailability()
    {
        _highAvailability.Disable();
        return Task.CompletedTask;
    }
}
