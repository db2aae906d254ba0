using PgFast.Environments;
using PgFast.Estimators;
using PgFast.Networks;
using PgFast.Policies;
using PgFast.Reference;
using PgFast.Tests.Support;
using PgFast.Variance;

namespace PgFast.Tests.Variance;

/// <summary>Every row of a study against the same episodes in plain double precision.</summary>
public class StudyTwinTests
{
    // Scores and returns in single precision, differences of large sums in double. Relative to the root mean square of the largest
    // component, and to that without a baseline, as a good baseline leaves a small difference of large numbers.
    private const double Tolerance = 2e-5;

    // The least such size: where all weights of a batch are alike, standardisation leaves rounding errors or nothing.
    private const double SmallestScale = 1e-3;

    private const int Episodes = 161;

    /// <summary>Pushes towards the side on which the pole leans, not very surely: episodes of 10 to 500 steps.</summary>
    private static readonly float[] Balancing = [0, 0, 0, 0, 0.1f, 0.5f, 6, 3, 0, 0];

    /// <summary>Pushes to one side: the shortest episodes there are.</summary>
    private static readonly float[] Falling = [0, 0, 0, 0, 0, 0, 0, 0, 0, 4];

    public static TheoryData<string, float, bool> Cases
    {
        get
        {
            TheoryData<string, float, bool> cases = [];
            foreach (string policy in new[] { "linear", "relu", "tanh", "drift", "plane, free", "plane, head" })
            {
                foreach (float discount in new[] { 0.99f, 1f })
                {
                    cases.Add(policy, discount, false);
                    cases.Add(policy, discount, true);
                }
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Run_EveryRow_IsTheTwin(string policy, float discount, bool normalizes)
    {
        VarianceOptions options = OptionsOf(normalizes) with
        {
            BatchSizes = [1, 2, 5, 8],
            Episodes = Episodes,
            Discount = discount,
            Threads = policy == "tanh" ? 2 : 1,
        };
        if (policy == "drift")
            AssertTwin<Drift>(PolicyCase.Random(new NetworkShape(3, [7], 3, Activation.Tanh), 1, seed: 4), options);
        else if (policy.StartsWith("plane", StringComparison.Ordinal))
            AssertTwin<Plane>(PlanePolicy(policy == "plane, free" ? StandardDeviationSource.Free : StandardDeviationSource.StateDependent), options);
        else
            AssertTwin<CartPole>(CartPolePolicy(policy), options);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Run_BatchesOfSeveralSlices_AreTheTwin(bool normalizes)
    {
        // 1,500 episodes a batch, of which 1,024 are run at once.
        VarianceOptions options = OptionsOf(normalizes) with { BatchSizes = [1500], Episodes = 3000, Threads = 1 };
        AssertTwin<CartPole>(CartPolePolicy("linear") with { Parameters = Falling }, options);
    }

    [Theory]
    [InlineData(5)]
    [InlineData(70)]
    public void Run_EpisodesThatAreLoadedInParts_AreTheTwin(int units)
    {
        // The corridor under a policy that hardly ever goes right: most episodes are longer than the 1,024 samples that this shape takes at once.
        PolicyCase policy = PolicyCase.Random(new NetworkShape(1, [units], 2, Activation.Relu), 1, seed: 5);
        Span<float> bias = policy.Parameters.AsSpan(policy.Shape.BiasOffset(1), 2);
        policy.Parameters.AsSpan(policy.Shape.WeightOffset(1), 2 * units).Clear();
        policy.Parameters[policy.Shape.WeightOffset(1)] = 0.25f;
        (bias[0], bias[1]) = (3, -3);
        VarianceOptions options = OptionsOf(false) with { BatchSizes = [1], Episodes = 24, PilotEpisodes = 20, Discount = 0.99f, Threads = 1 };
        StudyTwin twin = StudyTwin.Create<ShortCorridor>(policy, options);
        Assert.Contains(twin.Episodes, scored => scored.Episode.Length > 1024);
        Assert.Contains(twin.Episodes, scored => scored.Episode.Length < 512);
        AssertTwin<ShortCorridor>(policy, options);
    }

    [Fact]
    public void Run_LargeAndSmallBatches_MeasureTheSmallAsAlone()
    {
        // Slices are cut where they fall: batches of 5 lie across them. The trace of what is summed anyway must not depend on that.
        VarianceOptions options = OptionsOf(false) with { BatchSizes = [5, 1500], Episodes = 3000, Threads = 1 };
        PolicyCase policy = CartPolePolicy("linear") with { Parameters = Falling };
        StudyTwin twin = StudyTwin.Create<CartPole>(policy, options);
        VarianceReport together = Run<CartPole>(policy, options with { Episodes = 24_000 }, twin);
        VarianceReport alone = Run<CartPole>(policy, options with { Episodes = 24_000, BatchSizes = [5] }, twin);
        VarianceRow[] rows = [.. together.Rows.Where(row => row.BatchSize == 5)];
        Assert.Equal(alone.Rows.Count, rows.Length);
        Assert.Equal((1500, 255), (together.EpisodesPerShard, alone.EpisodesPerShard));
        for (int row = 0; row < rows.Length; row++)
        {
            Assert.Equal(alone.Rows[row].Batches, rows[row].Batches);
            // Sums in double, merged in another order.
            Assert.Equal(alone.Rows[row].Trace, rows[row].Trace, 1e-9 * alone.Rows[row].Trace);
        }
    }

    private static VarianceOptions OptionsOf(bool normalizes) => new()
    {
        NormalizeReturns = normalizes,
        Baselines = [.. Enum.GetValues<Baseline>().Where(baseline => !normalizes || baseline != Baseline.OptimalPerParameter)],
        PilotEpisodes = 150,
        MeasureSeconds = false,
        Seed = 21,
    };

    private static PolicyCase PlanePolicy(StandardDeviationSource source) =>
        PolicyCase.RandomGaussian(ActionDistribution.Gaussian(2, source), 3, [6], Activation.Tanh, true, 1, seed: 9);

    private static PolicyCase CartPolePolicy(string name)
    {
        PolicyCase PolicyOf(int[] hidden, Activation activation) =>
            PolicyCase.Random(new NetworkShape(4, hidden, 2, activation), 1, seed: 3, weightScale: 2);
        return name switch
        {
            "linear" => PolicyOf([], Activation.Relu) with { Parameters = Balancing },
            "relu" => PolicyOf([9], Activation.Relu),
            _ => PolicyOf([6, 5], Activation.Tanh),
        };
    }

    private static VarianceReport Run<TEnvironment>(PolicyCase policy, VarianceOptions options, StudyTwin twin)
        where TEnvironment : struct, IBatchedEnvironment<TEnvironment>
    {
        using VarianceStudy<TEnvironment> study = new(policy.Shape, policy.Parameters, options);
        study.Fitted = fitted => twin.Give(fitted, policy.Shape);
        return study.Run();
    }

    private static void AssertTwin<TEnvironment>(PolicyCase policy, VarianceOptions options)
        where TEnvironment : struct, IBatchedEnvironment<TEnvironment>
    {
        StudyTwin twin = StudyTwin.Create<TEnvironment>(policy, options);
        using VarianceStudy<TEnvironment> study = new(policy.Shape, policy.Parameters, options);
        study.Fitted = fitted => twin.Give(fitted, policy.Shape);
        VarianceReport report = study.Run();
        Assert.Equal(options.Episodes, report.Episodes);
        Assert.Equal(twin.Episodes.Sum(scored => (long)scored.Episode.Length), report.EnvironmentSteps);
        Assert.Equal(twin.Episodes.Average(scored => scored.Episode.TotalReward), report.MeanReturn, 1e-4);
        Assert.Equal(3 * options.Baselines.Count * options.BatchSizes.Count, report.Rows.Count);
        double withoutBaseline = 0;
        for (int index = 0; index < report.Rows.Count; index++)
        {
            VarianceRow row = report.Rows[index];
            if (StandardisesRounding(row, options))
                continue;
            double[][] gradients = twin.Gradients(row.Estimator, row.Baseline, row.BatchSize, report.EpisodesPerShard);
            ReferenceMoments expected = ReferenceMoments.Of(gradients);
            double size = Math.Sqrt(gradients[0].Select((_, h) => gradients.Average(gradient => gradient[h] * gradient[h])).Max());
            // The first row of an estimator and batch size has no baseline.
            withoutBaseline = row.Baseline == Baseline.None ? size : withoutBaseline;
            double scale = Math.Max(SmallestScale, Math.Max(size, withoutBaseline));
            string what = $"{row.Estimator}, {row.Baseline}, batches of {row.BatchSize}";
            Assert.Equal(gradients.Length, row.Batches);
            AssertWithin(expected.Mean, study.ParameterMeans(index), Tolerance * scale, $"mean of {what}");
            AssertWithin(expected.Variance, study.ParameterVariances(index), Tolerance * scale * scale, $"variance of {what}");
            if (row.Note is null)
                AssertStatistics(expected, row, scale, what);
        }
    }

    /// <summary>
    /// CartPole pays 1 a step, so γ^t (G_t − b_t) of an episode is one and the same number, (E[γ^L] − γ^L)/(1 − γ), at all steps that every
    /// pilot episode reaches: in a short one alone nothing but rounding errors differs, and standardisation makes those large.
    /// </summary>
    private static bool StandardisesRounding(VarianceRow row, VarianceOptions options) => options.NormalizeReturns
        && options.Discount < 1 && (row.Estimator, row.Baseline, row.BatchSize) == (Estimator.Discounted, Baseline.Time, 1);

    private static void AssertStatistics(ReferenceMoments expected, VarianceRow row, double scale, string what)
    {
        int count = expected.Mean.Length;
        AssertWithin([expected.Trace], [row.Trace], Tolerance * scale * scale * count, $"trace of {what}");
        AssertWithin([expected.Trace], [row.Tensors.Sum(tensor => tensor.Trace)], Tolerance * scale * scale * count, $"tensors of {what}");
        AssertWithin([expected.NormSquared], [row.GradientNormSquared], Tolerance * scale * scale * count, $"‖G‖² of {what}");
        // Directions of gradients that are nothing but rounding errors are not compared.
        if (expected.Trace < Tolerance * scale * scale)
            return;
        AssertWithin([expected.CosineBetween], [row.CosineBetween], Tolerance, $"cosine between {what}");
        AssertWithin([expected.CosineToMean], [row.CosineToMean], Tolerance, $"cosine to the mean of {what}");
    }

    private static void AssertWithin(double[] expected, double[] actual, double allowed, string what)
    {
        double error = expected.Zip(actual, (e, a) => Math.Abs(e - a)).Max();
        Assert.True(error <= allowed, $"{what}: error {error:E2}, {allowed:E2} is allowed.");
    }
}
