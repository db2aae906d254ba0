namespace PgFast.Comparison.Contenders;

/// <summary>An implementation that takes part.</summary>
/// <param name="key">What options and JSON call it.</param>
/// <param name="name">A short name, for rows and bars.</param>
/// <param name="description">What it is, in a sentence.</param>
/// <param name="seedsARound">Runs in a round: more of the fast ones, so that each has enough time for a clock.</param>
/// <param name="trainedUpdates">Updates of a trained policy that are measured after each run.</param>
internal abstract class Contender(string key, string name, string description, int seedsARound, int trainedUpdates)
{
    /// <summary>Mean return of fresh episodes that counts as solved.</summary>
    public const double SolvedReturn = 475;

    /// <summary>Fresh episodes of an evaluation, which is made whenever a batch's mean return reaches <see cref="SolvedReturn"/>.</summary>
    public const int EvaluationEpisodes = 1000;

    /// <summary>Gives up after so many.</summary>
    public const int MaximumUpdates = 1000;

    public string Key => key;

    public string Name => name;

    public string Description => description;

    public int SeedsARound => seedsARound;

    public int TrainedUpdates => trainedUpdates;

    /// <summary>Runs once unmeasured, so that everything is compiled.</summary>
    public abstract void WarmUp();

    /// <summary>Runs and measures.</summary>
    public abstract MeasuredRun Measure(ulong seed);
}
