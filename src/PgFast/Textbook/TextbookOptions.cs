namespace PgFast.Textbook;

/// <summary>What shapes the textbook's box. With the environment and <see cref="Seed"/> it determines every bit of the result.</summary>
public sealed record TextbookOptions
{
    /// <summary>Most runs: a run's number is half of the counter of its random numbers.</summary>
    public const int MaximumRuns = 16_777_216;

    /// <summary>Independent runs, 1 to <see cref="MaximumRuns"/>. What a run does depends on its number, never on how many there are. Default 100.</summary>
    public int Runs { get; init; } = 100;

    /// <summary>Episodes of every run, at least 1. Default 1,000.</summary>
    public int Episodes { get; init; } = 1000;

    /// <summary>α (α^θ beside a baseline), above 0. Default 2⁻¹³, the best of the book's figure 13.1.</summary>
    public float StepSize { get; init; } = 1f / 8192;

    /// <summary>α^w above 0, the step size of the baseline v̂(s, w); null for the box without a baseline. Default null.</summary>
    public float? ValueStepSize { get; init; }

    /// <summary>
    /// The step sizes fall linearly from their full value in the first episode to this factor in the last; in [0, 1]. Default 1: constant.
    /// </summary>
    public float FinalStepSizeFactor { get; init; } = 1;

    /// <summary>γ in [0, 1]. Default 1.</summary>
    public float Discount { get; init; } = 1;

    /// <summary>Whether preferences and values have a constant feature beside those of the observation. Default false.</summary>
    public bool HasBias { get; init; }

    /// <summary>
    /// θ at the start of every run, [action][feature], then [action] of biases if there are any; finite. Null, the default, for zeros. The
    /// weights w of the baseline start at zero.
    /// </summary>
    public IReadOnlyList<float>? InitialParameters { get; init; }

    /// <summary>
    /// No action's probability is below this, in [0, ½), for two actions only; the score is computed from the probabilities so limited.
    /// Default 0: the box as it is printed. Above 0, no run can become so nearly deterministic that its episodes all but never end.
    /// </summary>
    public float MinimumProbability { get; init; }

    /// <summary>Keep the total reward of every episode of every run, not only their mean and spread over the runs. Default false.</summary>
    public bool KeepsRewards { get; init; }

    /// <summary>Seed of all random numbers. Default 1.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Worker threads, the caller included, 1 to 4,096; changes no bit of the result. Default: all cores.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;

    /// <summary>Checks every value that can be checked without knowing the environment.</summary>
    /// <exception cref="ArgumentException">A value is out of range; the exception names it.</exception>
    public void Validate()
    {
        Require(Runs is >= 1 and <= MaximumRuns, nameof(Runs), Runs, "Runs are 1 to 16,777,216.");
        Require(Episodes >= 1, nameof(Episodes), Episodes, "There is at least 1 episode.");
        Require(float.IsFinite(StepSize) && StepSize > 0, nameof(StepSize), StepSize, "Must be positive and finite.");
        if (ValueStepSize is { } valueStepSize)
            Require(float.IsFinite(valueStepSize) && valueStepSize > 0, nameof(ValueStepSize), valueStepSize, "Must be positive and finite.");
        Require(FinalStepSizeFactor is >= 0 and <= 1, nameof(FinalStepSizeFactor), FinalStepSizeFactor, "The factor lies in [0, 1].");
        Require(Discount is >= 0 and <= 1, nameof(Discount), Discount, "γ lies in [0, 1].");
        foreach (float parameter in InitialParameters ?? [])
            Require(float.IsFinite(parameter), nameof(InitialParameters), parameter, "Parameters are finite.");
        Require(MinimumProbability is >= 0 and < 0.5f, nameof(MinimumProbability), MinimumProbability, "Lies in [0, ½).");
        Require(Threads is >= 1 and <= 4096, nameof(Threads), Threads, "Threads are 1 to 4,096.");
    }

    /// <summary>What the step sizes of an episode are multiplied by: 1 at the first, <see cref="FinalStepSizeFactor"/> at the last.</summary>
    /// <param name="episode">From 0 to <see cref="Episodes"/> − 1.</param>
    public double StepSizeFactor(int episode) =>
        Episodes == 1 ? 1 : 1 - (1 - (double)FinalStepSizeFactor) * episode / (Episodes - 1);

    private static void Require(bool condition, string name, object value, string message)
    {
        if (!condition)
            throw new ArgumentOutOfRangeException(name, value, message);
    }
}
