namespace CollectorAgent.Hooks;

/// <summary>Documents on their way: how long one is must be known before it is sent, and a slow receiver must not hold up what it is
/// made from.</summary>
/// <param name="folder">Where they lie.</param>
internal sealed class Spool(string folder)
{
    /// <summary>Writes a document, and hands it out from its first byte. Its file has no name: it ends with the stream, or the process.</summary>
    /// <exception cref="IOException">There is no room.</exception>
    public async Task<Stream> WriteAsync(Func<Stream, Task> write)
    {
        string path = Path.Combine(folder, Path.GetRandomFileName());
        var file = new FileStream(path, FileMode.CreateNew, FileAccess.ReadWrite);
        try
        {
            File.Delete(path);
            await write(file);
            await file.FlushAsync();
            file.Position = 0;
            return file;
        }
        catch
        {
            await file.DisposeAsync();
            throw;
        }
    }
}
