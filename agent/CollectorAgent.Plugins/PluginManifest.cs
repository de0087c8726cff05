using System.Text.Json;
using CollectorAgent.Protocol;

namespace CollectorAgent.Plugins;

/// <summary>What a plugin's folder says of it in <c>plugin.json</c>.</summary>
/// <param name="Name">Its name in logs; as a <see cref="PluginUid"/>.</param>
/// <param name="Version">Free text.</param>
/// <param name="Executable">The program, inside the folder.</param>
/// <param name="Arguments">What it is started with.</param>
public sealed record PluginManifest(string Name, string Version, string Executable, IReadOnlyList<string> Arguments)
{
    public const string FileName = "plugin.json";

    private const int MaxBytes = 64 << 10;

    private static readonly JsonSerializerOptions Options = new() { PropertyNameCaseInsensitive = true };

    private sealed record Document(string? Name, string? Version, string? Executable, string[]? Arguments);

    /// <summary>Reads the manifest of a folder.</summary>
    /// <exception cref="PluginProtocolException">It is missing or wrong; the message says where.</exception>
    public static PluginManifest Read(string folder)
    {
        string path = Path.Combine(folder, FileName);
        try
        {
            if (new FileInfo(path).Length > MaxBytes)
            {
                throw new PluginProtocolException($"{path}: longer than {MaxBytes} bytes");
            }
            var document = JsonSerializer.Deserialize<Document>(File.ReadAllText(path), Options)
                ?? throw new PluginProtocolException($"{path}: null is no manifest");
            if (!PluginUid.IsValid(document.Name))
            {
                throw new PluginProtocolException($"{path}: 'name' is missing or wrong; {PluginUid.Rule}");
            }
            return new PluginManifest(document.Name!, document.Version ?? "", Inside(folder, document.Executable, path), document.Arguments ?? []);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new PluginProtocolException($"{path}: {e.Message}", e);
        }
    }

    private static string Inside(string folder, string? executable, string path)
    {
        if (string.IsNullOrEmpty(executable))
        {
            throw new PluginProtocolException($"{path}: 'executable' is missing");
        }
        string full = Path.GetFullPath(executable, Path.GetFullPath(folder));
        if (!full.StartsWith(Path.GetFullPath(folder) + Path.DirectorySeparatorChar, StringComparison.Ordinal))
        {
            throw new PluginProtocolException($"{path}: the executable {executable} is outside the folder");
        }
        return File.Exists(full) ? full : throw new PluginProtocolException($"{path}: there is no executable {executable}");
    }
}
