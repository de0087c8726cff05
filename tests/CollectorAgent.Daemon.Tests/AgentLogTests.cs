using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using CollectorAgent.TestKit;
using Microsoft.Extensions.Logging;

namespace CollectorAgent.Daemon.Tests;

/// <summary>A log that is not read, cannot be written, or is flooded.</summary>
public sealed class AgentLogTests
{
    private readonly ManualTime _time = new(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));
    private readonly ConcurrentQueue<string> _written = new();

    [Fact]
    public async Task Message_is_one_line_with_time_level_category_and_id_whatever_is_in_it()
    {
        using var log = Log();

        log.CreateLogger("CollectorAgent.Some.Room").Log(LogLevel.Warning, new EventId(2001), "a\nb\u001b[1mc", null, (text, _) => text);
        await WrittenAsync(1);

        Assert.Matches(@"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d warn: CollectorAgent\.Some\.Room\[2001\] a b \[1mc\n$", _written.Single());
    }

    [Fact]
    public async Task Journal_is_given_the_level_as_it_reads_it()
    {
        using var log = new AgentLog(isForJournal: true, null, _time, Write);

        Say(log, "CollectorAgent.X", 1, "text");
        await WrittenAsync(1);

        Assert.Equal("<6>CollectorAgent.X[1] text\n", _written.Single());
    }

    [Fact]
    public async Task Line_has_an_end_however_long_the_message_is()
    {
        using var log = Log();

        Say(log, "CollectorAgent.X", 1, new string('x', 1 << 20));
        await WrittenAsync(1);

        Assert.InRange(_written.Single().Length, AgentLog.MaxCharacters, AgentLog.MaxCharacters + 100);
    }

    [Fact]
    public async Task Lines_that_nobody_takes_are_dropped_and_counted_and_that_is_said_when_they_are_taken_again()
    {
        using var reader = new ManualResetEventSlim();
        using var log = new AgentLog(isForJournal: false, null, _time, bytes =>
        {
            reader.Wait();
            Write(bytes);
        });
        string text = new('x', 4000);
        const int Lines = LogTargets.MaxQueued + 300;

        // Whoever logs does not wait, though the first line is never taken. Of two kinds: of one so many would be left out.
        for (int i = 0; i < Lines; i++)
        {
            Say(log, "CollectorAgent.X", i % 2, text);
        }
        long dropped = log.DroppedLines;
        // Some are about to be written.
        Assert.InRange(dropped, 100, 300);

        reader.Set();
        await WrittenAsync(Lines - (int)dropped + 1);
        Assert.Contains(_written, l => l.Contains(
            string.Create(CultureInfo.InvariantCulture, $"[9000] {dropped} lines of the log were lost"), StringComparison.Ordinal));
        Assert.Equal(dropped, log.DroppedLines);
    }

    [Fact]
    public async Task Lines_that_cannot_be_written_are_counted_and_that_is_said_when_they_can_be_again()
    {
        bool isBroken = true;
        using var log = new AgentLog(isForJournal: false, null, _time, bytes =>
        {
            if (Volatile.Read(ref isBroken))
            {
                throw new IOException("broken pipe");
            }
            Write(bytes);
        });

        Say(log, "CollectorAgent.X", 1, "a");
        Say(log, "CollectorAgent.X", 1, "b");
        await Wait.UntilAsync(() => log.DroppedLines == 2, () => "2 lines to be dropped");
        Volatile.Write(ref isBroken, false);
        Say(log, "CollectorAgent.X", 1, "c");
        await WrittenAsync(2);

        Assert.EndsWith("] c\n", _written.First(), StringComparison.Ordinal);
        Assert.Contains("2 lines of the log were lost", _written.Last(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Log_that_nobody_reads_does_not_hold_up_the_end()
    {
        using var never = new ManualResetEventSlim();
        var log = new AgentLog(isForJournal: false, null, _time, _ => never.Wait());
        Say(log, "CollectorAgent.X", 1, "a");

        await Task.Run(log.Dispose).WaitAsync(TimeSpan.FromSeconds(120));
        never.Set();
    }

    [Fact]
    public async Task What_was_logged_before_the_end_is_written()
    {
        var log = Log();
        for (int i = 0; i < 100; i++)
        {
            Say(log, "CollectorAgent.X", 1, "a");
        }
        await Task.Run(log.Dispose).WaitAsync(TimeSpan.FromSeconds(120));

        Assert.Equal(100, _written.Count);
    }

    [Theory]
    [InlineData("Microsoft.AspNetCore.Server.Kestrel.Connections", AgentLog.MostOfForeignKind)]
    [InlineData("CollectorAgent.Rpc.MessagePackEndpoint", AgentLog.MostOfKind)]
    public async Task Kind_of_message_that_comes_again_and_again_is_cut_off_each_minute_and_the_rest_counted(string category, int most)
    {
        using var log = Log();
        for (int i = 0; i < most; i++)
        {
            Say(log, category, 4000, "again");
        }
        // At the limit nothing is left out.
        _time.Advance(AgentLog.Period);
        await WrittenAsync(most);
        for (int i = 0; i < most + 7; i++)
        {
            Say(log, category, 4000, "again");
        }
        Say(log, category, 4001, "another kind");
        await WrittenAsync((2 * most) + 1);

        _time.Advance(AgentLog.Period);
        await WrittenAsync((2 * most) + 2);
        Assert.Contains(
            $"[9001] 7 more lines of {category}[4000] were left out in the last minute", _written.Last(), StringComparison.Ordinal);
        Say(log, category, 4000, "again");
        await WrittenAsync((2 * most) + 3);
    }

    [Fact]
    public async Task Log_goes_where_the_configuration_says_and_a_file_is_rotated()
    {
        using var folder = new TemporaryFolder();
        string configuration = await ConfigureAsync(folder, """
            <target name="file" type="File" fileName="FOLDER/agent.log" archiveFileName="FOLDER/agent.old.log" archiveAboveSize="2000"
                maxArchiveFiles="2">
              <layout type="CollectorLine" />
            </target>
            """);
        var log = new AgentLog(isForJournal: false, configuration, _time, Write);
        for (int i = 0; i < 100; i++)
        {
            Say(log, "CollectorAgent.X", 7, $"line {i}");
        }
        await Task.Run(log.Dispose).WaitAsync(TimeSpan.FromSeconds(10));

        string[] files = Directory.GetFiles(folder.Path, "agent*.log");
        Assert.Equal(3, files.Length);
        Assert.All(files, f => Assert.InRange(new FileInfo(f).Length, 50, 2100));
        string[] lines = await File.ReadAllLinesAsync(Path.Combine(folder.Path, "agent.log"));
        Assert.Matches(@"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d info: CollectorAgent\.X\[7\] line 99$", lines[^1]);
        Assert.Empty(_written);
    }

    [Fact]
    public async Task File_on_a_full_disk_loses_lines_that_are_counted()
    {
        using var folder = new TemporaryFolder();
        string configuration = await ConfigureAsync(folder, """<target name="file" type="File" fileName="/dev/full" layout="${message}" />""");
        using var log = new AgentLog(isForJournal: false, configuration, _time, Write);

        Say(log, "CollectorAgent.X", 1, "a");
        Say(log, "CollectorAgent.X", 1, "b");

        await Wait.UntilAsync(() => log.DroppedLines == 2, () => $"2 lines to be lost, not {log.DroppedLines}");
        // That the log is elsewhere, and does not get there, is said once where one looks first.
        Assert.StartsWith("collector-agent: the log's target 'file' takes no lines: ", Assert.Single(_written), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Target_of_a_nested_rule_has_a_queue_too()
    {
        using var folder = new TemporaryFolder();
        string pipe = Path.Combine(folder.Path, "pipe");
        using var make = System.Diagnostics.Process.Start("mkfifo", [pipe]);
        await make.WaitForExitAsync();
        string configuration = await ConfigureAsync(folder, $"""<target name="file" type="File" fileName="{pipe}" />""");
        string text = await File.ReadAllTextAsync(configuration);
        await File.WriteAllTextAsync(configuration, text
            .Replace("<nlog ", "<nlog autoReload=\"true\" throwExceptions=\"true\" ", StringComparison.Ordinal)
            .Replace("""<logger name="*" minlevel="Info" writeTo="file" />""", """<logger name="*"><logger name="*" writeTo="file" /></logger>""", StringComparison.Ordinal));

        var log = new AgentLog(isForJournal: false, configuration, _time, Write);
        await Task.Run(() => Say(log, "CollectorAgent.X", 1, "a")).WaitAsync(TimeSpan.FromSeconds(10));
        await Task.Run(log.Dispose).WaitAsync(TimeSpan.FromSeconds(10));
    }

    [Theory]
    [InlineData("mkdir")]
    [InlineData("mkfifo")]
    public async Task Configuration_that_is_no_file_is_neither_waited_for_nor_passed_over(string making)
    {
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.Path, "nlog.config");
        using var make = System.Diagnostics.Process.Start(making, [path]);
        await make.WaitForExitAsync();

        var failure = Assert.Throws<StartException>(() => new AgentLog(isForJournal: false, path, _time, Write));

        Assert.StartsWith($"{path} cannot be used: it is a ", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""<target name="file" type="NoSuchTarget" />""")]
    [InlineData("""<target name="file" type="File" fileNaem="a.log" />""")]
    [InlineData("""<target name="file" type="File" />""")]
    [InlineData("<target")]
    public async Task Configuration_that_cannot_be_used_ends_the_start_with_its_path(string target)
    {
        using var folder = new TemporaryFolder();
        string configuration = await ConfigureAsync(folder, target);

        var failure = Assert.Throws<StartException>(() => new AgentLog(isForJournal: false, configuration, _time, Write));

        Assert.StartsWith($"{configuration} cannot be used: ", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("\n", failure.Message, StringComparison.Ordinal);
    }

    private static async Task<string> ConfigureAsync(TemporaryFolder folder, string target)
    {
        string path = Path.Combine(folder.Path, "nlog.config");
        await File.WriteAllTextAsync(path, $"""
            <nlog xmlns="http://www.nlog-project.org/schemas/NLog.xsd" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
              <targets>{target.Replace("FOLDER", folder.Path, StringComparison.Ordinal).Replace(" type=", " xsi:type=", StringComparison.Ordinal)}</targets>
              <rules><logger name="*" minlevel="Info" writeTo="file" /></rules>
            </nlog>
            """);
        return path;
    }

    private AgentLog Log() => new(isForJournal: false, null, _time, Write);

    private void Write(ReadOnlySpan<byte> bytes) => _written.Enqueue(Encoding.UTF8.GetString(bytes));

    private Task WrittenAsync(int lines) => Wait.UntilAsync(() => _written.Count >= lines, () => $"{lines} lines, not {_written.Count}");

    private static void Say(AgentLog log, string category, int id, string text) =>
        log.CreateLogger(category).Log(LogLevel.Information, new EventId(id), text, null, (t, _) => t);
}
