namespace CollectorAgent.Protocol.Tests;

public sealed class Crc32Tests
{
    [Theory]
    [InlineData("", 0)]
    [InlineData("hello", 0x3610a686)]
    [InlineData("123456789", 0xcbf43926)]
    public void Checksum_of_known_text(string text, uint checksum) => Assert.Equal(checksum, Crc32.Compute(Pages.Bytes(text)));

    [Fact]
    public void Checksum_is_that_of_the_definition_at_every_length_and_offset()
    {
        byte[] data = new byte[300];
        new Random(1).NextBytes(data);
        for (int offset = 0; offset < 17; offset++)
        {
            for (int length = 0; length <= data.Length - offset; length++)
            {
                var part = data.AsSpan(offset, length);
                Assert.Equal(Pages.Checksum(part), Crc32.Compute(part));
            }
        }
    }
}
