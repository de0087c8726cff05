using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace CollectorAgent.Storage;

/// <summary>The options that plugins share that ask LVM.</summary>
public sealed class LvmCommandLine
{
    private const string StandardMap = "/etc/collector-agent/lvm-sr.map";

    private const int ShortestPeriodSeconds = 5;
    private const int LongestPeriodSeconds = 3600;

    private static readonly string[] StandardFolders = ["/usr/sbin", "/sbin", "/usr/bin"];

    private readonly Option<string> _sbin = new("--sbin")
    {
        Description = "Where vgs and lvs are.",
        HelpName = "DIR",
        DefaultValueFactory = _ =>
            StandardFolders.FirstOrDefault(folder => File.Exists(Path.Combine(folder, "vgs"))) ?? StandardFolders[0],
    };

    private readonly Option<string> _config = new("--config")
    {
        Description = "Settings for LVM, as its own --config takes them.",
        HelpName = "TEXT",
        DefaultValueFactory = _ => "",
    };

    private readonly Option<string> _map = new("--map")
    {
        Description = "File that says which volume group is which SR.",
        HelpName = "FILE",
        DefaultValueFactory = _ => StandardMap,
    };

    private readonly Option<int> _period = new("--period")
    {
        Description = "Time between two looks at storage, in seconds.",
        HelpName = "SECONDS",
        DefaultValueFactory = _ => 30,
    };

    /// <summary>Adds the options to a command.</summary>
    public LvmCommandLine(Command command)
    {
        _period.Validators.Add(CheckPeriod);
        command.Add(_sbin);
        command.Add(_config);
        command.Add(_map);
        command.Add(_period);
    }

    public LvmOptions Read(ParseResult arguments) => new(
        arguments.GetRequiredValue(_sbin), arguments.GetRequiredValue(_config), arguments.GetRequiredValue(_map),
        TimeSpan.FromSeconds(arguments.GetRequiredValue(_period)));

    private static void CheckPeriod(OptionResult period)
    {
        if (period.GetValueOrDefault<int>() is < ShortestPeriodSeconds or > LongestPeriodSeconds)
        {
            period.AddError(string.Create(
                CultureInfo.InvariantCulture, $"--period is {ShortestPeriodSeconds} to {LongestPeriodSeconds} seconds"));
        }
    }
}
