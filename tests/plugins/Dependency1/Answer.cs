namespace PrivateDependency;

public static class Answer
{
    public static double Of1 => 1;
}
