namespace CollectorAgent.Protocol.Tests;

public sealed class FloatTextTests
{
    [Theory]
    [InlineData("0", 0)]
    [InlineData("-0.00", -0.0)]
    [InlineData("1", 1)]
    [InlineData("+1.5", 1.5)]
    [InlineData(".5", 0.5)]
    [InlineData("5.", 5)]
    [InlineData("1e3", 1000)]
    [InlineData("1E-3", 0.001)]
    [InlineData("2.2250738585072014e-308", 2.2250738585072014e-308)]
    [InlineData("1.7976931348623157e+308", double.MaxValue)]
    [InlineData("1_000.5", 1000.5)]
    [InlineData(" 7 ", 7)]
    [InlineData("inf", double.PositiveInfinity)]
    [InlineData("+inf", double.PositiveInfinity)]
    [InlineData("Inf", double.PositiveInfinity)]
    [InlineData("-inf", double.NegativeInfinity)]
    [InlineData("-INF", double.NegativeInfinity)]
    [InlineData("infinity", double.PositiveInfinity)]
    [InlineData("+Infinity", double.PositiveInfinity)]
    [InlineData("-infinity", double.NegativeInfinity)]
    [InlineData("-Infinity", double.NegativeInfinity)]
    [InlineData("nan", double.NaN)]
    [InlineData("NaN", double.NaN)]
    [InlineData("-nan", double.NaN)]
    public void Number_is_read(string text, double number)
    {
        Assert.True(FloatText.TryParse(text, out double read));
        Assert.True(FloatText.TryParse(Pages.Bytes(text), out double readFromUtf8));
        Assert.Equal(Pages.Bits(read), Pages.Bits(readFromUtf8));
        Assert.Equal(Pages.Bits(number) | (double.IsNaN(number) ? long.MinValue : 0), Pages.Bits(read) | (double.IsNaN(read) ? long.MinValue : 0));
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("_")]
    [InlineData("x")]
    [InlineData("1,5")]
    [InlineData("1 000")]
    [InlineData("1e")]
    [InlineData("--1")]
    [InlineData("infi")]
    [InlineData("true")]
    [InlineData("0x10")]
    [InlineData("٣")]
    public void Other_text_is_no_number(string text)
    {
        Assert.False(FloatText.TryParse(text, out _));
        Assert.False(FloatText.TryParse(Pages.Bytes(text), out _));
    }
}
