using System.Text.Json;
using System.Text.Json.Serialization;
using CollectorAgent.Native;
using CollectorAgent.Protocol;
using CollectorAgent.Sampling;
using Microsoft.Extensions.Logging;

namespace CollectorAgent.Hooks;

/// <summary>What a toolstack says once and counts on after the agent has started anew. Kept in a file beside the store.</summary>
public sealed partial class ToldSettings
{
    private const int MaxBytes = 64 << 10;

    private readonly string _path;
    private readonly Lock _gate = new();

    /// <param name="path">The file; it need not exist.</param>
    /// <exception cref="IOException">It cannot be read.</exception>
    public ToldSettings(string path, ILogger<ToldSettings> log)
    {
        _path = path;
        try
        {
            Values = File.Exists(path) ? Read(SmallFile.Read(path, MaxBytes)) : new();
        }
        catch (JsonException e)
        {
            Log.SettingsUnusable(log, path, e.Message);
            Values = new();
        }
    }

    private static ToldValues Read(byte[] file)
    {
        var values = JsonSerializer.Deserialize(file, SettingsJson.Default.ToldValues) ?? new();
        // It becomes the argument of a program, and no toolstack could have said another.
        return values.CacheSr is null || PluginUid.IsValid(values.CacheSr) ? values : throw new JsonException("cache_sr is not a uuid");
    }

    /// <summary>As they are now.</summary>
    public ToldValues Values { get; private set; }

    /// <summary>Changes them; they are kept when it returns.</summary>
    /// <exception cref="IOException">They cannot be kept, and are as they were.</exception>
    public void Change(Func<ToldValues, ToldValues> change)
    {
        lock (_gate)
        {
            var values = change(Values);
            File.WriteAllBytes(_path + ".tmp", JsonSerializer.SerializeToUtf8Bytes(values, SettingsJson.Default.ToldValues));
            File.Move(_path + ".tmp", _path, overwrite: true);
            Values = values;
        }
    }

    /// <summary>Tells those whom they concern, after a start.</summary>
    public Task ApplyAsync(CacheSr cache, Sampler sampler)
    {
        cache.Set(Values.CacheSr);
        return sampler.KeepMinMaxAsync(Values.UseMinMax);
    }

    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
    [JsonSerializable(typeof(ToldValues))]
    private sealed partial class SettingsJson : JsonSerializerContext;
}
