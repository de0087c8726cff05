using FsCheck;
using FsCheck.Fluent;

namespace CollectorAgent.Rrd.Tests.Histories;

internal static class Properties
{
    /// <summary>Throws on a counterexample, with its seed and its shortest form.</summary>
    public static void Hold(int histories, Action<History> property, bool isWild = true) =>
        Prop.ForAll(History.Any(isWild), property).Check(Config.QuickThrowOnFailure.WithMaxTest(histories));
}
