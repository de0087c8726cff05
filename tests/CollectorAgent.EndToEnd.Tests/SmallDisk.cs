using System.Diagnostics;
using System.Globalization;

namespace CollectorAgent.EndToEnd.Tests;

/// <summary>A file system of its own, which can be filled. It takes the right to mount.</summary>
internal sealed class SmallDisk : IDisposable
{
    private const int Megabytes = 48;
    private const int BlockBytes = 4096;

    private readonly string _mount;

    public SmallDisk(string mount)
    {
        _mount = mount;
        Directory.CreateDirectory(mount);
        Run("mount", "-t", "tmpfs", "-o", string.Create(CultureInfo.InvariantCulture, $"size={Megabytes}m"), "tmpfs", mount);
    }

    private string Ballast => Path.Combine(_mount, "ballast");

    /// <summary>Fills it, but for so many bytes.</summary>
    public void Fill(int free)
    {
        using var file = new FileStream(Ballast, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        byte[] block = new byte[BlockBytes];
        try
        {
            while (true)
            {
                file.Write(block);
            }
        }
        catch (IOException)
        {
            file.SetLength(file.Length / BlockBytes * BlockBytes - free);
        }
    }

    public void Free() => File.Delete(Ballast);

    public void Dispose() => Run("umount", "--lazy", _mount);

    private static void Run(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }
}
