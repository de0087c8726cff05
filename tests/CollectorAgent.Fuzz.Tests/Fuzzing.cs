using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using CollectorAgent.TestKit;
using Microsoft.Win32.SafeHandles;
using Xunit.Abstractions;

namespace CollectorAgent.Fuzz.Tests;

/// <summary>Gives one parser inputs that nobody has thought of, for as many seconds by the clock as COLLECTOR_AGENT_FUZZ_SECONDS says; one where it
/// says nothing. All parsers have theirs at the same time.</summary>
/// <remarks>Whatever the bytes, the parser takes them or refuses them as it says it does, soon and with little memory. An input that it fails
/// on stays in artifacts/fuzz; mended, it becomes a file in Inputs, which is tried each time. The inputs follow from the seed.</remarks>
/// <param name="parser">Names the folder in Inputs, and the files of failures.</param>
/// <param name="seeds">What inputs are made of.</param>
internal sealed class Fuzzing(string parser, IEnumerable<byte[]> seeds, ITestOutputHelper output)
{
    // Fewer of either kind prove nothing.
    private const int Enough = 25;

    // Inputs that were taken are made of again, so that change upon change leads further in.
    private const int MaxKept = 256;
    private const int KeepOneOf = 16;

    // Whoever collects garbage collects that of the others too.
    private const int Chances = 3;

    private static readonly TimeSpan MostAtOnce = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Hanging = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan UntilEnough = TimeSpan.FromMinutes(2);
    private static readonly TimeProvider Time = TimeProvider.System;

    private static readonly string Failures = Repository.PathOf("artifacts/fuzz");

    private readonly List<byte[]> _contents = [.. seeds];
    private readonly string _current = Path.Combine(Failures, parser + ".current");
    private long _tried;
    private int _taken;
    private int _refused;
    private long _mostBytes;
    private TimeSpan _longest;

    /// <summary>What one input may allocate.</summary>
    public long MaxAllocatedBytes { get; init; } = 32 << 20;

    /// <summary>Words of the format, which are put in now and then.</summary>
    public IReadOnlyList<string> Words { get; init; } = [];

    /// <summary>What becomes of changed bytes before they are an input: checksums that fit, a compressed file.</summary>
    public Func<byte[], Random, byte[]> Finish { get; init; } = (bytes, _) => bytes;

    /// <inheritdoc cref="Mutator.IsInPlace"/>
    public bool IsInPlace { get; init; }

    /// <inheritdoc cref="Mutator.MaxBytes"/>
    public int MaxBytes { get; init; } = 128 << 10;

    /// <param name="isTaken">Has the parser read the input: whether it took it, or refused it as it says. Throws for anything else.</param>
    public void Run(Func<byte[], bool> isTaken)
    {
        double seconds = double.Parse(
            Environment.GetEnvironmentVariable("COLLECTOR_AGENT_FUZZ_SECONDS") is { Length: > 0 } given ? given : "1", CultureInfo.InvariantCulture);
        var mutator = new Mutator(Seed.Random(output), Words) { IsInPlace = IsInPlace, MaxBytes = MaxBytes };
        int seedCount = _contents.Count;
        Directory.CreateDirectory(Failures);
        using (var current = File.OpenHandle(_current, FileMode.Create, FileAccess.Write))
        using (Watch())
        {
            foreach (byte[] input in Kept().Concat(_contents.ToList()))
            {
                Try(input, isTaken, current);
            }
            long start = Time.GetTimestamp();
            while (Time.GetElapsedTime(start).TotalSeconds < seconds
                || ((_taken < Enough || _refused < Enough) && Time.GetElapsedTime(start) < UntilEnough))
            {
                byte[] content = mutator.Mutate(_contents);
                if (Try(Finish(content, mutator.Random), isTaken, current) && mutator.Random.Next(KeepOneOf) == 0)
                {
                    Keep(content, seedCount, mutator.Random);
                }
            }
        }
        File.Delete(_current);
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{parser}: {_tried} inputs, {_taken} taken, {_refused} refused; at most {_longest.TotalMilliseconds:f1} ms and {_mostBytes} bytes"));
        Assert.True(_taken >= Enough && _refused >= Enough, $"{parser}: {_taken} taken, {_refused} refused: that proves nothing");
    }

    private void Keep(byte[] content, int seedCount, Random random)
    {
        if (_contents.Count < seedCount + MaxKept)
        {
            _contents.Add(content);
        }
        else
        {
            _contents[seedCount + random.Next(MaxKept)] = content;
        }
    }

    private IEnumerable<byte[]> Kept()
    {
        string folder = Repository.PathOf(Path.Combine("tests/CollectorAgent.Fuzz.Tests/Inputs", parser));
        return Directory.Exists(folder) ? Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal).Select(File.ReadAllBytes) : [];
    }

    private bool Try(byte[] input, Func<byte[], bool> isTaken, SafeFileHandle current)
    {
        // First of all it is in a file: a parser that overruns the stack takes the process with it.
        RandomAccess.SetLength(current, input.Length);
        RandomAccess.Write(current, input, 0);
        _tried++;
        for (int chance = 0; ; chance++)
        {
            long allocated = GC.GetAllocatedBytesForCurrentThread();
            long start = Time.GetTimestamp();
            // What the clock says is a suspicion only, as all parsers share the processors. Then the thread's own time counts, which costs more to ask.
            bool isSuspect = chance > 0;
            var used = isSuspect ? ThreadTime.Used : default;
            bool result = IsTaken(input, isTaken);
            var took = isSuspect ? ThreadTime.Used - used : Time.GetElapsedTime(start);
            allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
            if (allocated > MaxAllocatedBytes)
            {
                Fail(input, $"it took {allocated} bytes of memory, {MaxAllocatedBytes} are allowed", null);
            }
            if (took > MostAtOnce)
            {
                if (chance == Chances)
                {
                    Fail(input, $"it took {took.TotalSeconds:f1} s of a processor, {MostAtOnce.TotalSeconds} are allowed", null);
                }
                continue;
            }
            _mostBytes = Math.Max(_mostBytes, allocated);
            _longest = took > _longest ? took : _longest;
            _taken += result ? 1 : 0;
            _refused += result ? 0 : 1;
            return result;
        }
    }

    private bool IsTaken(byte[] input, Func<byte[], bool> isTaken)
    {
        try
        {
            return isTaken(input);
        }
        catch (Exception e)
        {
            Fail(input, e.Message, e);
            throw;
        }
    }

    [DoesNotReturn]
    private void Fail(byte[] input, string why, Exception? inner)
    {
        string path = Path.Combine(Failures, $"{parser}-{Convert.ToHexStringLower(SHA256.HashData(input))[..12]}");
        File.WriteAllBytes(path, input);
        throw new InvalidOperationException($"{parser}, input {_tried} of {input.Length} bytes, which is in {path}: {why}", inner);
    }

    /// <summary>Ends the process where an input comes to no end: its file stays.</summary>
    private ITimer Watch()
    {
        long seen = 0;
        return Time.CreateTimer(
            _ =>
            {
                long tried = Interlocked.Read(ref _tried);
                if (tried == seen && tried > 0)
                {
                    Environment.FailFast($"{parser} comes to no end with the input in {_current}");
                }
                seen = tried;
            },
            null,
            Hanging,
            Hanging);
    }
}
