using System.Buffers.Binary;

namespace CollectorAgent.Protocol.Tests;

/// <summary>Damage to bytes: flips, splices, cuts, and extremes where lengths are.</summary>
internal static class Mutation
{
    private static readonly uint[] Extremes = [0, 1, 0x7f, 0xff, 0x7fff, 0x8000, 0xffff, 64 << 20, 0x7fffffff, 0x80000000, 0xfffffff8, uint.MaxValue];

    public static byte[] Mutate(byte[] original, byte[] other, Random random)
    {
        byte[] bytes = [.. original];
        for (int i = random.Next(1, 4); i > 0 && bytes.Length > 0; i--)
        {
            int place = random.Next(bytes.Length);
            int length = random.Next(Math.Min(64, bytes.Length - place)) + 1;
            switch (random.Next(7))
            {
                case 0:
                    bytes[place] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    bytes[place] = (byte)random.Next(256);
                    break;
                case 2:
                    bytes = bytes[..place];
                    break;
                case 3:
                    int from = random.Next(other.Length);
                    bytes = [.. bytes[..place], .. other[from..Math.Min(other.Length, from + length)], .. bytes[place..]];
                    break;
                case 4:
                    bytes = [.. bytes[..place], .. bytes[(place + length)..]];
                    break;
                case 5:
                    bytes = [.. bytes[..place], .. bytes[..place], .. bytes[place..]];
                    break;
                default:
                    WriteExtreme(bytes, random.Next(2) == 0 ? place : 11 + 4 * random.Next(3), Extremes[random.Next(Extremes.Length)]);
                    break;
            }
        }
        return bytes;
    }

    private static void WriteExtreme(byte[] bytes, int place, uint number)
    {
        if (place + sizeof(uint) <= bytes.Length)
        {
            BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(place), number);
        }
    }
}
