using System.Reflection;

namespace CollectorAgent.PluginHost;

/// <summary>Tells what a plugin lacks from what it does wrong: both throw, from anywhere in its code.</summary>
internal static class LoadTrouble
{
    /// <summary>What is missing, for the author; null where the exception says nothing of the kind.</summary>
    public static string? Explain(Exception e) => e switch
    {
        TypeInitializationException { InnerException: { } inner } => Explain(inner),
        // Plugins read files, too; of an assembly the name has commas.
        FileNotFoundException { FileName: { } name } when name.Contains(", Version=", StringComparison.Ordinal) =>
            $"it needs {Named(name)}, which is neither in its folder nor part of .NET; dotnet publish puts everything in one folder",
        FileLoadException { FileName: { } name } when name.Contains(", Version=", StringComparison.Ordinal) =>
            $"it needs {Named(name)}, and what is there is another: {e.Message}",
        BadImageFormatException => $"one of its files is none that can be loaded: {e.Message}",
        DllNotFoundException => $"it needs a native library that cannot be loaded: {e.Message.TrimEnd()}",
        TypeLoadException or MissingMemberException => $"it does not fit what it is loaded with: {e.Message}",
        _ => null,
    };

    private static string Named(string assembly)
    {
        var name = new AssemblyName(assembly);
        return $"{name.Name} {name.Version}";
    }
}
