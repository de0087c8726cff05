using System.Text;
using CollectorAgent.Native;

namespace CollectorAgent.Plugins;

/// <summary>The first line of a script, which names the program that runs it: of what is wrong there the kernel says only that a file is
/// missing.</summary>
internal static class Interpreter
{
    // As much of the line as the kernel reads.
    private const int MaxLineBytes = 256;

    private const string Mark = "#!";
    private const string Env = "env";
    private const UnixFileMode Executable = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <summary>What is wrong with the first line of a program, and what to do; null where nothing is.</summary>
    /// <param name="path">The program.</param>
    /// <param name="searchPath">The PATH that it is started with.</param>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static string? Trouble(string path, string searchPath)
    {
        byte[] start = SmallFile.Read(path, MaxLineBytes);
        if (start.AsSpan().StartsWith("\uFEFF#!"u8))
        {
            return "begins with a byte order mark, behind which nobody sees its '#!'; save it as UTF-8 without one";
        }
        if (start is [0xff, 0xfe, ..] or [0xfe, 0xff, ..])
        {
            return "is text in UTF-16; save it as UTF-8";
        }
        if (start.AsSpan().StartsWith("!#"u8) || start.AsSpan().StartsWith("# !"u8))
        {
            return "does not begin with '#!' but with something like it; correct its first line";
        }
        if (!start.AsSpan().StartsWith("#!"u8))
        {
            return null;
        }
        int end = start.AsSpan().IndexOf((byte)'\n');
        string line = Encoding.UTF8.GetString(start.AsSpan(0, end < 0 ? start.Length : end));
        if (line.EndsWith('\r'))
        {
            return $"ends its first line, '{line.TrimEnd()}', with a carriage return, which counts as part of it; save it with Unix line ends";
        }
        string[] words = line[Mark.Length..].Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
        return words switch
        {
            [] => "names no program behind '#!' in its first line; write '#!/bin/sh', say",
            [var program, ..] when !Path.IsPathRooted(program) =>
                $"names '{program}' in its first line; write the whole path, as '#!/usr/bin/env {program}'",
            [var program, ..] when Directory.Exists(program) => $"names {program} in its first line, which is a folder; name a program",
            [var program, ..] when !File.Exists(program) =>
                $"names {program} in its first line, which is not on this host; correct the line or install it",
            [var program, ..] when (File.GetUnixFileMode(program) & Executable) == 0 =>
                $"names {program} in its first line, which is not executable",
            [var env, var program, ..] when Path.GetFileName(env) == Env && IsName(program) && !IsIn(searchPath, program) =>
                $"names {program} in its first line, which is not in PATH ({searchPath}); correct the line or install it",
            _ => null,
        };
    }

    // What else may stand behind env is its own affair.
    private static bool IsName(string word) => !word.StartsWith('-') && !word.Contains('=') && !word.Contains('/');

    private static bool IsIn(string searchPath, string program) =>
        searchPath.Split(':').Any(f => f.Length > 0 && File.Exists(Path.Combine(f, program)));
}
