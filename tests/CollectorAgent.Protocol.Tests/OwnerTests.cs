namespace CollectorAgent.Protocol.Tests;

public sealed class OwnerTests
{
    private const string Uuid = "5b7a1c1e-0000-4000-8000-000000000001";

    [Theory]
    [InlineData("host", OwnerKind.Host, "")]
    [InlineData("HOST", OwnerKind.Host, "")]
    [InlineData("vm " + Uuid, OwnerKind.Vm, Uuid)]
    [InlineData("VM 5B7A1C1E-0000-4000-8000-000000000001", OwnerKind.Vm, Uuid)]
    [InlineData("sr " + Uuid, OwnerKind.Sr, Uuid)]
    [InlineData("Sr abcde", OwnerKind.Sr, "abcde")]
    public void Owner_is_read_in_any_case_and_written_in_lower_case(string text, OwnerKind kind, string uuid)
    {
        Assert.True(Owner.TryParse(text, out var owner));
        Assert.Equal(new Owner(kind, uuid), owner);
        Assert.Equal(text.ToLowerInvariant(), owner.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("hosts")]
    [InlineData(" host")]
    [InlineData("host ")]
    [InlineData("vm")]
    [InlineData("vm ")]
    [InlineData("vm  " + Uuid)]
    [InlineData("vm\t" + Uuid)]
    [InlineData("vm " + Uuid + " ")]
    [InlineData("vm " + Uuid + "\n")]
    [InlineData("vbd " + Uuid)]
    [InlineData("vx " + Uuid)]
    [InlineData("xm " + Uuid)]
    [InlineData("sr ../../etc")]
    [InlineData("sr .hidden")]
    [InlineData("vm a/b")]
    public void Other_text_is_no_owner(string text) => Assert.False(Owner.TryParse(text, out _));
}
