namespace PgFast.Cli;

/// <summary>What the process returns; scripts rely on these numbers.</summary>
internal static class ExitCode
{
    public const int Done = 0;

    /// <summary>The run failed: it diverged, or a target was not reached.</summary>
    public const int Failed = 1;

    /// <summary>Bad usage or bad input; nothing was written.</summary>
    public const int BadInput = 2;

    /// <summary>Interrupted by a signal, after saving.</summary>
    public const int Interrupted = 130;
}
