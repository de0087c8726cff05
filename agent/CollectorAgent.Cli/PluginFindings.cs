using System.Globalization;
using CollectorAgent.Protocol;

namespace CollectorAgent.Cli;

/// <summary>What is wrong with a plugin that was watched, and what to do, a sentence or two each.</summary>
internal static class PluginFindings
{
    private const int MostOfAKind = 10;
    private const int LastWords = 3;

    public static IReadOnlyList<string> Of(PluginManifest manifest, PluginTrial trial)
    {
        var findings = new List<string>();
        findings.AddRange(Process(manifest, trial));
        if (trial.Samples == 0 && findings.Count == 0)
        {
            findings.Add(NoSample(manifest, trial));
        }
        findings.AddRange(Shortened(trial.PageTroubles.Select(t => $"The page {Sentence.Ended(t)} docs/formats/sample-page.md says how it should be.")));
        findings.AddRange(Shortened(trial.Unusable));
        findings.AddRange(trial.Pages.Where(p => !manifest.Pages.Contains(p.Uid)).Select(
            p => $"It publishes the page {p.Uid}, which its manifest does not have under 'pages': none of its limits holds for it."));
        foreach (var page in trial.Pages)
        {
            findings.AddRange(Page(page, trial));
        }
        if (manifest.Kind == PluginKind.Lines)
        {
            var complaints = trial.Printed.Where(p => p.IsError && IsOfHost(manifest, p.Text) && !trial.IsOnlySlow(p.Text)).Select(p => $"The plugin host says: {p.Text}");
            findings.AddRange(Shortened(complaints.Distinct()));
        }
        return findings;
    }

    private static IEnumerable<string> Process(PluginManifest manifest, PluginTrial trial)
    {
        // The reason has its last words already, where it had any.
        bool hasWords = trial.Printed.Any(p => trial.End.EndsWith(p.Text.Trim(), StringComparison.Ordinal) && p.Text.Trim().Length > 0);
        string words = trial.Printed.Count == 0 ? " It printed nothing."
            : hasWords ? ""
            : $" It printed at last: {string.Join(" / ", trial.Printed.TakeLast(LastWords).Select(p => p.Text))}";
        switch (trial.Process?.State)
        {
            case null:
                yield return "The agent sees no plugin in the folder.";
                break;
            case "wrong":
                yield return $"It is not started: {Sentence.Ended(trial.Process.Reason ?? "")}";
                break;
            case "unavailable":
                yield return $"It said with exit code {PluginExitCode.Unavailable} that there is nothing to measure here.{words}";
                break;
            case "given-up" when trial.Process.Restarts == 0:
                yield return $"It said with exit code {PluginExitCode.Misconfigured}: {Sentence.Ended(trial.Process.Reason ?? "")}{words}";
                break;
            case var _ when trial.End.Length > 0:
                // Who prints values and ends has most likely left one member out.
                string advice = manifest.Kind == PluginKind.Executable && trial.Printed.Any(p => !p.IsError)
                    ? " Are these its values? Then the manifest needs \"output\": \"lines\"."
                    : "";
                yield return $"It does not stay: {Sentence.Ended(trial.End)}{words}{advice}";
                break;
        }
    }

    private static string NoSample(PluginManifest manifest, PluginTrial trial)
    {
        string within = string.Create(CultureInfo.InvariantCulture, $"There was no sample within {trial.Watched.TotalSeconds:0} s, though its process runs.");
        string page = manifest.Pages.Count > 0 ? manifest.Pages[0] : manifest.Name;
        return manifest.Kind switch
        {
            PluginKind.Lines => $"{within} A block of lines ends with an empty line, or with the end of the program: does it print, and flush what it prints?",
            PluginKind.Assembly => $"{within} Does Collect return?",
            _ when trial.Pages.Any(p => manifest.Pages.Contains(p.Uid)) => $"{within} Its page is there, but its time stamp does not change.",
            _ => $"{within} It should write the page $COLLECTOR_AGENT_ROOT/dev/shm/metrics/{page}; any other name belongs under 'pages' in the manifest.",
        };
    }

    private static IEnumerable<string> Page(PluginEntry page, PluginTrial trial)
    {
        if (page.State == "silent" && trial.Samples > 0 && !trial.IsSlow)
        {
            yield return $"The page {page.Uid} has gone silent: no new sample for three ticks. Publish one every five seconds.";
        }
        if (page.State == "live" && page.DataSources == 0)
        {
            yield return $"The page {page.Uid} has no data sources.";
        }
        foreach (string what in Shortened((page.LeftOut ?? []).Select(l => $"The page {page.Uid} has something that is left out: {Sentence.Ended(l)}")))
        {
            yield return what;
        }
        foreach (string what in Shortened((page.Refused ?? []).Select(r => $"The page {page.Uid} has {r} twice, or another page has it: it is refused.")))
        {
            yield return what;
        }
    }

    /// <summary>Whether a line is the host's own sentence, which begins with the program's name, and not the program's.</summary>
    private static bool IsOfHost(PluginManifest manifest, string line)
    {
        string program = Path.GetFileName(manifest.Entry);
        return line.StartsWith("no sample: ", StringComparison.Ordinal)
            || (line.StartsWith(program, StringComparison.Ordinal)
                && line.Length > program.Length
                && line[program.Length] is (',' or ':' or ' '));
    }

    private static IEnumerable<string> Shortened(IEnumerable<string> sentences)
    {
        string[] all = [.. sentences];
        return all.Length <= MostOfAKind
            ? all
            : all.Take(MostOfAKind).Append(string.Create(CultureInfo.InvariantCulture, $"{all.Length - MostOfAKind} more like the last one."));
    }
}
