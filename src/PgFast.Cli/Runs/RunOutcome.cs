using PgFast.Training;

namespace PgFast.Cli.Runs;

/// <summary>How a run ended.</summary>
internal sealed record RunOutcome
{
    public required string Environment { get; init; }

    public required ulong Seed { get; init; }

    /// <summary>Whether the last evaluation reached the target.</summary>
    public required bool Solved { get; init; }

    public required bool Interrupted { get; init; }

    /// <summary>Whether it was interrupted in an evaluation that decides whether it goes on.</summary>
    public bool IsEvaluationDue { get; init; }

    /// <summary>Whether a gradient or parameter became non-finite.</summary>
    public required bool Diverged { get; init; }

    /// <summary>Why the run failed, by divergence or because a file could not be written; or null.</summary>
    public required string? Error { get; init; }

    /// <summary>Whether a file could not be written.</summary>
    public bool LacksFiles => Error is not null && !Diverged;

    public required long Updates { get; init; }

    public required long Episodes { get; init; }

    public required long EnvironmentSteps { get; init; }

    /// <summary>Time in updates: evaluations, files and display are not counted.</summary>
    public required double TrainSeconds { get; init; }

    public required string ParameterHash { get; init; }

    /// <summary>The last evaluation; null if the run was interrupted or failed before it.</summary>
    public required EvaluationSummary? Evaluation { get; init; }

    /// <summary>Whether it came to the end of its budget, or to its target, and was evaluated there.</summary>
    public bool HasEnded => Error is null && !Interrupted && Evaluation is not null;

    public double EnvironmentStepsPerSecond => TrainSeconds > 0 ? EnvironmentSteps / TrainSeconds : 0;
}

/// <summary>What is reported of an evaluation.</summary>
/// <param name="Episodes">Number of episodes.</param>
/// <param name="MeanReturn">Mean undiscounted return.</param>
/// <param name="StandardError">Standard error of the mean; NaN for one episode.</param>
internal sealed record EvaluationSummary(int Episodes, double MeanReturn, double StandardError)
{
    public static EvaluationSummary Of(EvaluationResult evaluation) => new(evaluation.Episodes, evaluation.MeanReturn, evaluation.StandardError);
}
