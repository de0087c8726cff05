using System.Text;

namespace CollectorAgent.Forwarding.Tests;

public sealed class JsonEndTests
{
    [Theory]
    [InlineData("""{"a":{"b":["}",{}]},"c\"}":"\\"}""")]
    [InlineData(""" {"a":"\\\"}"} """)]
    public void End_is_found_wherever_the_portions_are_cut(string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        int length = Encoding.UTF8.GetByteCount(text.TrimEnd());
        for (int cut = 0; cut < length; cut++)
        {
            var end = new JsonEnd();

            Assert.False(end.IsReachedBy(bytes.AsSpan(0, cut)));
            Assert.True(end.IsReachedBy(bytes.AsSpan(cut)));
        }
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("GET / HTTP/1.1")]
    [InlineData("}")]
    public void What_is_no_object_is_refused_at_its_first_byte(string text)
    {
        Assert.Throws<ForwardedRequestException>(() => new JsonEnd().IsReachedBy(Encoding.UTF8.GetBytes(text)));
    }
}
