using System.Net.Sockets;
using CollectorAgent.Native;
using Microsoft.Win32.SafeHandles;

namespace CollectorAgent.Forwarding;

/// <summary>What a front has handed over: one message and its client's connection.</summary>
internal sealed class HandOver : IDisposable
{
    /// <summary>A front of today sends no more than 16 KiB; one that sends more is heard to the end up to here.</summary>
    public const int MaxMessageBytes = 1 << 20;

    private const int FirstBytes = 16 << 10;

    private HandOver(ReadOnlyMemory<byte> message, Socket client)
    {
        Message = message;
        Client = client;
    }

    /// <summary>An object of JSON, as far as its brackets tell.</summary>
    public ReadOnlyMemory<byte> Message { get; }

    public Socket Client { get; }

    /// <summary>Reads one message to its end.</summary>
    /// <exception cref="ForwardedRequestException">There is no whole message, or no connection with it. Nothing is said to the client: a
    /// front that could not send everything answers itself.</exception>
    public static async Task<HandOver> ReceiveAsync(Socket control, CancellationToken cancellationToken)
    {
        SafeFileHandle? descriptor = null;
        try
        {
            byte[] message = new byte[FirstBytes];
            int length = 0;
            var end = new JsonEnd();
            bool isWhole = false;
            while (!isWhole)
            {
                if (length == message.Length)
                {
                    Array.Resize(ref message, length < MaxMessageBytes
                        ? Math.Min(2 * length, MaxMessageBytes)
                        : throw new ForwardedRequestException($"The message is longer than {MaxMessageBytes} bytes.", 413));
                }
                // Reads nothing, but waits until there is something: the read that can take a descriptor does not wait.
                await control.ReceiveAsync(Memory<byte>.Empty, cancellationToken);
                int count = PosixSocket.Receive(control.SafeHandle, message.AsSpan(length), out var passed);
                if (descriptor is null)
                {
                    descriptor = passed;
                }
                else
                {
                    passed?.Dispose();
                }
                if (count == 0)
                {
                    throw new ForwardedRequestException($"The message ends after {length} bytes, before its JSON does.", 400);
                }
                if (count > 0)
                {
                    isWhole = end.IsReachedBy(message.AsSpan(length, count));
                    length += count;
                }
            }
            var client = descriptor is null ? null : PosixSocket.TakeStream(descriptor);
            return client is null
                ? throw new ForwardedRequestException(descriptor is null ? "No descriptor came with it." : "Its descriptor is no stream socket.", 400)
                : new HandOver(message.AsMemory(0, length), client);
        }
        finally
        {
            descriptor?.Dispose();
        }
    }

    public void Dispose() => Client.Dispose();
}
