using PgFast.Environments;
using PgFast.Estimators;
using PgFast.Networks;
using PgFast.Randomness;
using PgFast.Reference;
using PgFast.Tests.Support;
using PgFast.Variance;

namespace PgFast.Tests.Variance;

/// <summary>A study once more in plain double precision, on the episodes that the engine plays.</summary>
internal sealed class StudyTwin
{
    // What centring leaves of weights that are all alike, in double: far below any gradient.
    private const double RoundingError = 1e-10;

    private readonly VarianceOptions _options;

    private StudyTwin(VarianceOptions options, ReferenceScoredEpisode[] episodes, ReferenceScoredEpisode[] pilot, int stepLimit)
    {
        _options = options;
        Episodes = episodes;
        Given = ToSinglePrecision(ReferenceBaselines.Fit(pilot, options.Discount, stepLimit)) with
        {
            ValueTotal = MadeUpValue(1, pilot[0].Episode.Observations[0].Length, stepLimit),
            ValueToGo = MadeUpValue(2, pilot[0].Episode.Observations[0].Length, stepLimit),
        };
    }

    /// <summary>The study's episodes.</summary>
    public IReadOnlyList<ReferenceScoredEpisode> Episodes { get; }

    /// <summary>The baselines fitted on the pilot's episodes; where the engine keeps single precision, rounded to that.</summary>
    public ReferenceBaselines Given { get; }

    /// <summary>Plays the episodes of a study and scores their steps.</summary>
    public static StudyTwin Create<TEnvironment>(PolicyCase policy, VarianceOptions options)
        where TEnvironment : struct, IBatchedEnvironment<TEnvironment>
    {
        ReferenceScoredEpisode[] Play(int episodes, RandomStream resets, RandomStream actions)
        {
            using EpisodeRecorder recorder = EpisodeRecorder.Create<TEnvironment>(policy.Shape, policy.Parameters, episodes);
            double[] parameters = Closeness.ToDouble(policy.Parameters);
            ReferenceNetwork network = policy.Reference;
            return
            [
                .. recorder.Record(options.Seed, episodes, resets, actions)
                    .Select(episode => policy.Distribution is null
                        ? ReferenceScoredEpisode.Of(network, parameters, episode.ToReference(episode.Rewards))
                        : ScoredByGaussian(policy.ReferenceGaussian, parameters, episode)),
            ];
        }

        return new StudyTwin(
            options,
            Play((int)options.Episodes, RandomStream.StudyReset, RandomStream.StudyAction),
            Play(options.PilotEpisodes!.Value, RandomStream.PilotReset, RandomStream.PilotAction),
            TEnvironment.Specification.MaximumEpisodeSteps);
    }

    /// <summary>The gradients of all batches of a row: consecutive episodes, as many whole batches as a shard holds.</summary>
    public double[][] Gradients(Estimator estimator, Baseline baseline, int batchSize, int shardEpisodes)
    {
        ReferenceEstimator referenceEstimator = (ReferenceEstimator)estimator;
        IEnumerable<ReferenceScoredEpisode[]> batches = Episodes.Chunk(shardEpisodes)
            .SelectMany(shard => shard.Chunk(batchSize)).Where(batch => batch.Length == batchSize);
        return [.. batches.Select(GradientOf).Select(WithoutRounding)];

        double[] GradientOf(ReferenceScoredEpisode[] batch) => ReferenceVariance.BatchGradient(
            batch, _options.Discount, referenceEstimator, (ReferenceStudyBaseline)baseline, Given, _options.NormalizeReturns);
    }

    /// <summary>Puts this twin's baselines in the place of the engine's.</summary>
    public unsafe void Give(FittedBaselines fitted, NetworkShape shape)
    {
        fitted.Mean = Given.Mean;
        Given.Optimal.CopyTo(fitted.Optimal, 0);
        Closeness.ToSingle(Given.TimeTotal).CopyTo(fitted.TimeTotal, 0);
        Closeness.ToSingle(Given.TimeToGo).CopyTo(fitted.TimeToGo, 0);
        fitted.Linear.Set(Given.LinearTotal, Given.LinearToGo, Given.LastStep);
        Give(Given.ValueTotal!, fitted.Values?.Total);
        Give(Given.ValueToGo!, fitted.Values?.ToGo);
        GradientLayout layout = LayoutOf(shape);
        for (int estimator = 0; estimator < 3; estimator++)
        {
            for (int i = 0; i < layout.Length; i++)
                fitted.PerParameter((Estimator)estimator)[i] = layout.Flat[i] < 0 ? 0 : Given.PerParameter[estimator][layout.Flat[i]];
        }
    }

    public static GradientLayout LayoutOf(NetworkShape shape)
    {
        using NetworkParameters parameters = new(shape, shape is { OutputSize: 2, FreeOutputSize: 0 });
        return new GradientLayout(parameters);
    }

    /// <summary>
    /// Any function will do that varies along an episode about as a return does: what is tested is that this one is subtracted, each where it
    /// belongs. One that hardly varied would leave standardisation differences of nearly equal numbers.
    /// </summary>
    private static ReferenceValue MadeUpValue(ulong seed, int observationSize, int stepLimit)
    {
        const int Units = 32;
        ReferenceNetwork network = new([observationSize + 1, Units, 1], ReferenceActivation.Tanh);
        double[] parameters = network.InitialParameters(seed);
        for (int k = 1; k <= Units; k++)
            parameters[^(k + 1)] *= 40;
        parameters[^1] = 10 * seed;
        return new ReferenceValue(network, Round(parameters), stepLimit);
    }

    private static void Give(ReferenceValue value, NetworkParameters? network)
    {
        if (network is null)
            return;
        Assert.Equal(value.Network.Sizes, network.Shape.Sizes.ToArray());
        Closeness.ToSingle(value.Parameters).CopyTo(network.Flat);
        network.Refresh();
    }

    private static ReferenceScoredEpisode ScoredByGaussian(ReferenceGaussianPolicy policy, double[] parameters, RecordedEpisode episode)
    {
        double[][] scores = new double[episode.Length][];
        for (int time = 0; time < scores.Length; time++)
        {
            scores[time] = new double[parameters.Length];
            policy.AddGradient(
                parameters, Closeness.ToDouble(episode.Observations[time]), Closeness.ToDouble(episode.RealActions[time]), 1, 0, scores[time]);
        }

        return new ReferenceScoredEpisode(episode.ToReference(episode.Rewards), scores);
    }

    /// <summary>Rounding errors have a direction, and so a cosine, but mean nothing.</summary>
    private static double[] WithoutRounding(double[] gradient) =>
        ReferenceGradient.Norm(gradient) < RoundingError ? new double[gradient.Length] : gradient;

    private static ReferenceBaselines ToSinglePrecision(ReferenceBaselines fitted) => fitted with
    {
        TimeTotal = Round(fitted.TimeTotal),
        TimeToGo = Round(fitted.TimeToGo),
        LinearTotal = Round(fitted.LinearTotal),
        LinearToGo = Round(fitted.LinearToGo),
    };

    private static double[] Round(double[] values) => Closeness.ToDouble(Closeness.ToSingle(values));
}
