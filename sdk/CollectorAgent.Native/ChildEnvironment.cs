using System.Collections;

namespace CollectorAgent.Native;

/// <summary>Environments for children.</summary>
public static class ChildEnvironment
{
    /// <summary>A copy of that of this process, to be changed.</summary>
    public static Dictionary<string, string> OfThisProcess() =>
        Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().ToDictionary(v => (string)v.Key, v => (string?)v.Value ?? "");
}
