namespace PrivateDependency;

/// <summary>Version 2 has nothing of what version 1 had.</summary>
public static class Answer
{
    public static double Of2 => 2;
}
