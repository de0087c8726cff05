namespace CollectorAgent.Native;

/// <summary>What a file system says of its space.</summary>
/// <param name="BlockBytes">Size of a block that the others count.</param>
/// <param name="Blocks">All blocks.</param>
/// <param name="FreeBlocks">Blocks that nothing uses, also those that only root may take.</param>
public readonly record struct FileSystemSpace(ulong BlockBytes, ulong Blocks, ulong FreeBlocks);
