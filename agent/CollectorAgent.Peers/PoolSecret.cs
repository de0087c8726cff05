using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;

namespace CollectorAgent.Peers;

/// <summary>The secret that all hosts of a pool share. Its file is read at each use, for the secret changes.</summary>
public sealed class PoolSecret(string file, ILogger log)
{
    private const int MaxBytes = 4096;

    private int _isWarned;

    /// <param name="secret">As it may stand in a cookie.</param>
    /// <param name="trouble">Why the secret cannot be used: the file's name and what is wrong with it, nothing of what is in it.</param>
    public bool TryRead([NotNullWhen(true)] out string? secret, [NotNullWhen(false)] out string? trouble)
    {
        secret = null;
        try
        {
            string text = TextFile.Read(file, MaxBytes).Trim();
            trouble = text.Length == 0 ? $"the pool secret {file} is empty"
                : !text.All(IsCookieCharacter) ? $"the pool secret {file} has characters that cannot stand in a cookie"
                : null;
            if (trouble is not null)
            {
                return false;
            }
            secret = text;
            if ((File.GetUnixFileMode(file) & UnixFileMode.OtherRead) != 0 && Interlocked.Exchange(ref _isWarned, 1) == 0)
            {
                Log.SecretIsOpen(log, file);
            }
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            trouble = $"the pool secret cannot be read: {e.Message}. Put the secret there, or set --pool-secret FILE";
            return false;
        }
    }

    /// <summary>Those of RFC 6265 but the percent sign, which some readers of cookies give a meaning.</summary>
    private static bool IsCookieCharacter(char c) => c is > ' ' and < (char)0x7f and not ('"' or ',' or ';' or '\\' or '%');
}
