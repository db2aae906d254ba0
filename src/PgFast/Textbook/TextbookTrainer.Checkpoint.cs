using System.Globalization;
using PgFast.Training;

namespace PgFast.Textbook;

// Stopping and going on.
public partial class TextbookTrainer
{
    /// <summary>All that later episodes and the results depend on, as a copy. Not while <see cref="Advance"/> runs.</summary>
    public TextbookCheckpoint CaptureCheckpoint()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        int values = Options.ValueStepSize is null ? 0 : _shape.ValueParameterCount;
        float[] parameters = new float[(long)Options.Runs * _shape.ParameterCount], valueParameters = new float[(long)Options.Runs * values];
        float[] rewards = Options.KeepsRewards ? new float[(long)Options.Runs * EpisodeCount] : [];
        double[] sum = new double[EpisodeCount], squareSum = new double[EpisodeCount];
        int[] truncated = new int[Options.Runs];
        long steps = 0, laneSteps = 0;
        foreach (RunGroup group in _groups)
        {
            group.CopyParameters(parameters, valueParameters);
            group.CopyRewards(rewards);
            group.Truncated.CopyTo(truncated, group.FirstRun);
            steps += group.Steps;
            laneSteps += group.LaneSteps;
            // In the order of the groups, as everything that is summed.
            for (int episode = 0; episode < EpisodeCount; episode++)
            {
                sum[episode] += group.RewardSum[episode];
                squareSum[episode] += group.RewardSquareSum[episode];
            }
        }

        return new TextbookCheckpoint
        {
            Options = SharedOptions(),
            Parameters = parameters,
            ValueParameters = valueParameters,
            EpisodeCount = EpisodeCount,
            EnvironmentSteps = steps,
            LaneSteps = laneSteps,
            RewardSum = sum,
            RewardSquareSum = squareSum,
            TruncatedEpisodes = truncated,
            Rewards = rewards,
        };
    }

    /// <summary>Takes the place of runs that were stopped: what follows has the bits that it would have had.</summary>
    /// <param name="checkpoint">
    /// Of a trainer with the same environment and options. Threads may differ, and <see cref="TextbookOptions.Episodes"/> may be another number of at
    /// least those done where the step sizes are constant: where they fall, all of them depend on it.
    /// </param>
    /// <exception cref="ArgumentException">It was made with other options, whose first the message names, or a count or length in it is out of range; the trainer is unchanged.</exception>
    public void RestoreCheckpoint(TextbookCheckpoint checkpoint)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        ArgumentNullException.ThrowIfNull(checkpoint);
        OptionsText.RequireSame(checkpoint.Options, SharedOptions());
        checkpoint.Require(_shape, Options);
        EpisodeCount = checkpoint.EpisodeCount;
        foreach (RunGroup group in _groups)
            group.Restore(checkpoint);
        // Sums over the groups: the first has them all, and adding the others' zeros changes no bit.
        checkpoint.RewardSum.CopyTo(_groups[0].RewardSum, 0);
        checkpoint.RewardSquareSum.CopyTo(_groups[0].RewardSquareSum, 0);
        (_groups[0].Steps, _groups[0].LaneSteps) = (checkpoint.EnvironmentSteps, checkpoint.LaneSteps);
    }

    /// <summary>What two trainers must share for one to go on where the other stopped.</summary>
    private KeyValuePair<string, string>[] SharedOptions() =>
    [
        OptionsText.Pair("Algorithm", "textbook"),
        OptionsText.Pair("Environment", Environment.Name),
        OptionsText.Pair(nameof(Options.Runs), Options.Runs),
        // Where step sizes fall, they do so to the last episode, and every one of them depends on how many there are.
        OptionsText.Pair(nameof(Options.Episodes), Options.FinalStepSizeFactor == 1 ? "any" : Options.Episodes),
        OptionsText.Pair(nameof(Options.StepSize), Options.StepSize),
        OptionsText.Pair(nameof(Options.ValueStepSize), Options.ValueStepSize),
        OptionsText.Pair(nameof(Options.FinalStepSizeFactor), Options.FinalStepSizeFactor),
        OptionsText.Pair(nameof(Options.Discount), Options.Discount),
        OptionsText.Pair(nameof(Options.HasBias), Options.HasBias),
        OptionsText.Pair(nameof(Options.InitialParameters), Options.InitialParameters is { } initial ? string.Join(',', initial.Select(Invariant)) : ""),
        OptionsText.Pair(nameof(Options.MinimumProbability), Options.MinimumProbability),
        OptionsText.Pair(nameof(Options.KeepsRewards), Options.KeepsRewards),
        OptionsText.Pair(nameof(Options.Seed), Options.Seed),
    ];

    private static string Invariant(float value) => value.ToString(CultureInfo.InvariantCulture);
}
