using System.CommandLine;
using CollectorAgent.Native;
using CollectorAgent.Protocol;

namespace CollectorAgent.Cli;

/// <summary>Tries a plugin out.</summary>
internal sealed class PluginTestVerb : Verb
{
    // A tick is among them.
    private const int LeastSeconds = 6;
    private const int LongestSeconds = 24 * 60 * 60;

    private readonly Argument<string> _folder = new("FOLDER") { Description = $"The plugin's, with its {PluginManifest.FileName}." };

    private readonly Option<long?> _seconds = new("--seconds")
    {
        Description = "How long to watch, 6 or more. Default: until its second sample, at most 20 s, or 150 s where a sample takes longer than 4 s.",
        HelpName = "N",
        CustomParser = result => RowOptions.Whole(result, LeastSeconds, LongestSeconds),
    };

    public PluginTestVerb()
        : base("test", "Runs a plugin without an agent, shows what it publishes, and says what is wrong.", "collectorctl plugin test ./vendor-array")
    {
        Add(_folder);
        Add(_seconds);
    }

    protected override async Task RunAsync(Session session, ParseResult arguments, CancellationToken cancellationToken)
    {
        ConnectionOptions.MustBeAbsent(arguments, "A plugin is tested under an agent of its own");
        string named = arguments.GetRequiredValue(_folder);
        string folder = named.Length > 0
            ? Path.TrimEndingDirectorySeparator(Path.GetFullPath(named))
            : throw new CliException(ExitCode.Usage, "The name of the plugin's folder is empty: name one, or '.' for this one.");
        await using var text = session.OpenText();
        var manifest = Read(folder);
        foreach (string line in Manifest(manifest, folder))
        {
            await text.WriteLineAsync(Printable.Of(line));
        }
        await text.FlushAsync(cancellationToken);

        await using var agent = await TrialAgent.StartAsync(folder, session.Time, cancellationToken);
        var trial = new PluginTrial(manifest, agent, session.Errors, session.Time);
        var seconds = arguments.GetValue(_seconds) is { } number ? TimeSpan.FromSeconds(number) : (TimeSpan?)null;
        await trial.WatchAsync(seconds, cancellationToken);

        var findings = PluginFindings.Of(manifest, trial);
        foreach (string line in Process(trial).Concat(Values(trial)).Concat(Printed(trial)).Append("").Concat(Closing(findings)))
        {
            await text.WriteLineAsync(Printable.Of(line));
        }
        if (findings.Count > 0)
        {
            await text.FlushAsync(cancellationToken);
            throw Found(manifest.Name, findings.Count);
        }
    }

    private static CliException Found(string what, int count) =>
        new(ExitCode.Problems, FormattableString.Invariant($"{what} has {count} {(count == 1 ? "problem" : "problems")}."));

    private static PluginManifest Read(string folder)
    {
        string path = Path.Combine(folder, PluginManifest.FileName);
        if (Path.GetFileName(folder).StartsWith('.'))
        {
            throw new CliException(ExitCode.Problems, $"The name of {folder} begins with a dot: an agent leaves such folders alone. Rename it.");
        }
        try
        {
            return PluginManifest.Parse(SmallFile.Read(path, PluginManifest.MaxBytes + 1));
        }
        catch (PosixException e) when (e.IsMissing)
        {
            throw new CliException(ExitCode.NotFound, $"There is no {path}. A plugin is a folder with that file; docs/plugins.md says what is in it.", e);
        }
        catch (PosixException e)
        {
            throw new CliException(ExitCode.Problems, $"{path} cannot be read: {e.Reason}.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or PluginManifestException)
        {
            string what = Printable.Of(Sentence.Ended(e.Message));
            throw new CliException(ExitCode.Problems, $"{path}: {what} docs/formats/plugin-folder.md lists its members.", e);
        }
    }

    private static IEnumerable<string> Manifest(PluginManifest manifest, string folder)
    {
        string how = manifest.Kind switch
        {
            PluginKind.Lines => "prints lines",
            PluginKind.Assembly => "is a DLL",
            _ => "writes its page",
        };
        var permit = manifest.Permit;
        yield return $"plugin   {manifest.Name} {manifest.Version}".TrimEnd() + $", {manifest.Entry} {how}, in {folder}";
        yield return $"pages    {string.Join(", ", manifest.Pages)}";
        yield return $"permits  owners {List(permit.Owners)}; data sources {List(permit.Sources)}";
        yield return FormattableString.Invariant($"limits   {permit.MaxSources} data sources, {ValueText.Of(permit.MaxPageBytes, "B")} of page, ")
            + FormattableString.Invariant($"{ValueText.Of(manifest.Limits.MemoryBytes, "B")} of memory, ")
            + FormattableString.Invariant($"{manifest.Limits.CpuSecondsPerTick} s of processor time a tick");
    }

    private static string List(IReadOnlyList<string>? items) => items is null ? "all" : items.Count == 0 ? "none" : string.Join(", ", items);

    private static IEnumerable<string> Process(PluginTrial trial)
    {
        if (trial.Process is { } process)
        {
            string cpu = process.CpuSecondsPerTick is { } seconds
                ? FormattableString.Invariant($"; processes: {process.Processes}, with {ValueText.Of(process.MemoryBytes, "B")} ")
                    + FormattableString.Invariant($"and {seconds:0.00} s of processor time a tick")
                : "";
            yield return FormattableString.Invariant($"process  {process.State}; restarts: {process.Restarts}{cpu}");
        }
        foreach (var page in trial.Pages)
        {
            yield return FormattableString.Invariant($"page     {page.Uid}: {page.State}, format V{page.PageVersion}, ")
                + FormattableString.Invariant($"data sources: {page.DataSources}, read in {page.ReadMs:0.00} ms");
        }
        if (trial.IsSlow)
        {
            yield return "pace     a sample takes longer than 4 s; where samples are more than 15 s apart, values are unknown in between";
        }
        yield return trial.FirstSample is { } first
            ? FormattableString.Invariant($"samples  {trial.Samples} in {trial.Watched.TotalSeconds:0.0} s, the first after {first.TotalSeconds:0.0} s")
            : FormattableString.Invariant($"samples  none in {trial.Watched.TotalSeconds:0.0} s");
    }

    private static IEnumerable<string> Values(PluginTrial trial)
    {
        if (trial.Sources.Count == 0)
        {
            return [];
        }
        var table = new TextTable("NAME", "OWNER", "TYPE", "UNITS", ">NEWEST");
        foreach (var source in trial.Sources)
        {
            double value = trial.Values.GetValueOrDefault((source.Owner ?? "", source.Uuid ?? "", source.Name ?? ""), double.NaN);
            table.Add(
                source.Name ?? "",
                source.Owner == "host" ? "host" : $"{source.Owner} {source.Uuid}",
                source.Type ?? "",
                source.Units ?? "",
                source.Recorded ? ValueText.Of(value, source.Units ?? "") : "not recorded");
        }
        return table.Lines().Prepend("");
    }

    private static IEnumerable<string> Printed(PluginTrial trial) => trial.Printed.Count == 0
        ? []
        : trial.Printed.Select(p => $"  {(p.IsError ? "error " : "output")}  {p.Text}").Prepend("It printed:").Prepend("");

    private static IEnumerable<string> Closing(IReadOnlyList<string> findings) => findings.Count == 0
        ? ["Nothing wrong found."]
        : findings.Select(f => $"- {f}").Prepend("Wrong:");
}
