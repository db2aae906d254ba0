namespace PgFast.Checking;

/// <summary>The rules that an environment is checked for, by the names that reports use.</summary>
internal static class Rules
{
    public const string Specification = "specification";
    public const string Bounds = "memory bounds";
    public const string Written = "everything written";
    public const string Finite = "finite numbers";
    public const string IdleLanes = "idle lanes";
    public const string Deterministic = "determinism";
    public const string Lanes = "independent lanes";
    public const string Widths = "same bits at every width";
    public const string InPlace = "state in place";
    public const string Flags = "terminal flags";
    public const string Allocation = "no allocation";
    public const string Threads = "thread safety";
    public const string Exceptions = "no exceptions";
}
