using PgFast.Environments;
using PgFast.Networks;
using PgFast.Tests.Support;
using PgFast.Variance;

namespace PgFast.Tests.Variance;

/// <summary>The split of the variance against enumeration, against itself, and against bad arguments.</summary>
public class NestedResetsTests
{
    // By chance alone one number in 16,000 is further off; seeds are fixed, so the tests pass always or never.
    private const double StandardErrors = 4;

    // Scores are computed in single precision: what is known exactly may differ by so much, relative to the total.
    private const double SinglePrecision = 1e-5;

    private const double Confidence = 0.95;

    private static readonly string[] Names = ["Σ_s", "Σ_a", "Σ_τ", "total"];

    private static readonly PolicyCase Linear = PolicyCase.Random(new NetworkShape(4, [], 3, Activation.Relu), 1, seed: 21);
    private static readonly PolicyCase LinearTwo = PolicyCase.Random(new NetworkShape(4, [], 2, Activation.Relu), 1, seed: 22);
    private static readonly PolicyCase Relu = PolicyCase.Random(new NetworkShape(4, [9], 2, Activation.Relu), 1, seed: 23);
    private static readonly PolicyCase Tanh = PolicyCase.Random(new NetworkShape(4, [7, 5], 3, Activation.Tanh), 1, seed: 24, weightScale: 1.5f);
    private static readonly PolicyCase Untrained = Initial(new NetworkShape(4, [32], 2, Activation.Relu));

    [Theory]
    [InlineData(1)]
    [InlineData(0.9)]
    [InlineData(0.3)]
    public void Run_Chain_MeetsTheEnumeratedParts(double discount)
    {
        AssertTruth<Chain<ThreeActions>>(Linear, discount, Chain<ThreeActions>.Solve(Linear, (float)discount));
        AssertTruth<Chain<ThreeActions>>(Tanh, discount, Chain<ThreeActions>.Solve(Tanh, (float)discount));
        AssertTruth<Chain<TwoActions>>(LinearTwo, discount, Chain<TwoActions>.Solve(LinearTwo, (float)discount));
        AssertTruth<Chain<TwoActions>>(Relu, discount, Chain<TwoActions>.Solve(Relu, (float)discount));
    }

    [Fact]
    public void Run_FewStatesAndContinuations_IsUnbiased()
    {
        // The hardest case for the corrections: they are as large as what they correct.
        const int Studies = 3000;
        const double Discount = 0.9;
        ChainTruth truth = Chain<ThreeActions>.Solve(Linear, (float)Discount);
        double[,][] values = new double[2, 4][];
        for (int i = 0; i < 8; i++)
            values[i / 4, i % 4] = new double[Studies];
        for (int study = 0; study < Studies; study++)
        {
            IReadOnlyList<VarianceDecomposition> splits = NestedHarness.Run<Chain<ThreeActions>>(
                Linear, NestedResets.MinimumStates, Discount, seed: (ulong)study, continuations: 2);
            for (int i = 0; i < 8; i++)
                values[i / 4, i % 4][study] = NestedHarness.Values(splits[i / 4])[i % 4];
        }

        for (int i = 0; i < 8; i++)
        {
            double[] sample = values[i / 4, i % 4];
            double mean = sample.Average();
            double error = Math.Sqrt(sample.Sum(value => (value - mean) * (value - mean)) / Studies / (Studies - 1));
            double expected = truth.Parts(i < 4 ? "none" : "state-value")[i % 4];
            Assert.True(Math.Abs(mean - expected) < StandardErrors * error, $"{Names[i % 4]}: {mean} ± {error}, {expected} is right");
            Assert.True(error < 0.01 * truth.Parts("none")[3], $"{Names[i % 4]}: an error of {error} proves nothing");
        }
    }

    [Fact]
    public void Run_ManyStudies_IntervalsCoverAsOftenAsTheyShould()
    {
        // Four standard errors of a share of 0.9 in 600 studies are 0.05; skewed estimates cost a little more on the low side.
        const int Studies = 600;
        const double Discount = 0.9, Level = 0.9, Lowest = 0.84, Highest = 0.95;
        ChainTruth truth = Chain<ThreeActions>.Solve(Tanh, (float)Discount);
        int[] covered = new int[8];
        for (int study = 0; study < Studies; study++)
        {
            // Not a multiple of the number of blocks: those differ in size.
            IReadOnlyList<VarianceDecomposition> splits =
                NestedHarness.Run<Chain<ThreeActions>>(Tanh, 250, Discount, seed: (ulong)study, confidence: Level, continuations: 4);
            for (int i = 0; i < 8; i++)
            {
                double expected = truth.Parts(splits[i / 4].Baseline)[i % 4];
                covered[i] += NestedHarness.Intervals(splits[i / 4])[i % 4].Contains(expected) ? 1 : 0;
            }
        }

        for (int i = 0; i < 8; i++)
            Assert.True(covered[i] is >= (int)(Lowest * Studies) and <= (int)(Highest * Studies), $"{Names[i % 4]}: {covered[i]} of {Studies}");
    }

    [Fact]
    public void Run_CartPole_PartsSumToTheTotal()
    {
        // Independent studies show by how much the sum and the total differ by chance.
        const int Studies = 16;
        double[][] differences = [new double[Studies], new double[Studies]];
        double[] total = new double[2];
        for (int study = 0; study < Studies; study++)
        {
            IReadOnlyList<VarianceDecomposition> splits = NestedHarness.Run<CartPole>(Untrained, 4096, 0.99, seed: (ulong)study, threads: 2);
            for (int baseline = 0; baseline < 2; baseline++)
            {
                VarianceDecomposition split = splits[baseline];
                double sum = split.State + split.Action + split.Trajectory;
                differences[baseline][study] = sum - split.Total;
                total[baseline] += split.Total / Studies;
                double halfWidths = NestedHarness.Intervals(split).Sum(interval => (interval.High - interval.Low) / 2);
                Assert.True(Math.Abs(sum - split.Total) < halfWidths, $"{sum} and {split.Total}, intervals of {halfWidths} together");
            }
        }

        for (int baseline = 0; baseline < 2; baseline++)
        {
            double mean = differences[baseline].Average();
            double error = Math.Sqrt(differences[baseline].Sum(d => (d - mean) * (d - mean)) / Studies / (Studies - 1));
            Assert.True(Math.Abs(mean) < StandardErrors * error, $"off by {mean} ± {error}");
            Assert.True(error < 0.03 * total[baseline], $"an error of {error} beside {total[baseline]} proves nothing");
        }

        Assert.True(total[1] < 0.5 * total[0], "the value of the state lowers the variance");
    }

    [Fact]
    public void Run_NothingFollowsAnAction_HasNoTrajectoryVariance()
    {
        // The time limit ends every episode after the first action; and without regard to the future nothing else counts.
        ChainTruth oneStep = Chain<OneStep>.Solve(Linear, 1);
        foreach (VarianceDecomposition split in NestedHarness.Run<Chain<OneStep>>(Linear, 4096, 1))
        {
            Assert.Equal(0, split.Trajectory);
            Assert.True(split.ActionInterval.Contains(oneStep.Parts(split.Baseline)[1]) && split.Action > 0.1);
        }

        ChainTruth blind = Chain<ThreeActions>.Solve(Linear, 0);
        foreach (VarianceDecomposition split in NestedHarness.Run<Chain<ThreeActions>>(Linear, 4096, 0))
        {
            Assert.Equal(0, split.Trajectory);
            Assert.True(split.StateInterval.Contains(blind.State) && split.State > 0.1);
        }
    }

    [Fact]
    public void Run_BothBaselines_ShareStateAndTrajectoryParts()
    {
        IReadOnlyList<VarianceDecomposition> splits = NestedHarness.Run<Chain<ThreeActions>>(Linear, 100, 0.9);
        Assert.Equal(["none", "state-value"], splits.Select(split => split.Baseline));
        Assert.All(splits, split => Assert.Equal(100, split.States));
        Assert.Equal(splits[0].State, splits[1].State);
        Assert.Equal(splits[0].Trajectory, splits[1].Trajectory);
        Assert.NotEqual(splits[0].Action, splits[1].Action);
        Assert.NotEqual(splits[0].Total, splits[1].Total);
    }

    [Fact]
    public void Run_OtherSeed_GivesOtherNumbers()
    {
        double[] totals = [.. new ulong[] { 1, 2, 1UL << 32 }.Select(seed => NestedHarness.Run<CartPole>(Untrained, 40, 0.99, seed)[0].Total)];
        Assert.Equal(3, totals.Distinct().Count());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(NestedResets.MinimumStates - 1)]
    public void Run_TooFewStates_HasNoNumbers(int states)
    {
        foreach (VarianceDecomposition split in NestedHarness.Run<Chain<ThreeActions>>(Linear, states, 1))
        {
            Assert.Equal(states, split.States);
            Assert.All(NestedHarness.Values(split), value => Assert.Equal(double.NaN, value));
            Assert.All(NestedHarness.Intervals(split), interval => Assert.False(interval.IsKnown));
        }
    }

    [Fact]
    public void Run_Cancelled_Throws()
    {
        using CancellationTokenSource source = new();
        source.Cancel();
        Assert.Throws<OperationCanceledException>(() => NestedHarness.Run<CartPole>(Untrained, 64, 1, threads: 2, cancellation: source.Token));
    }

    [Fact]
    public void Run_OutOfRange_Throws()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => NestedHarness.Run<CartPole>(Untrained, 0, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => NestedHarness.Run<CartPole>(Untrained, 64, 1.01));
        Assert.Throws<ArgumentOutOfRangeException>(() => NestedHarness.Run<CartPole>(Untrained, 64, double.NaN));
        Assert.Throws<ArgumentOutOfRangeException>(() => NestedHarness.Run<CartPole>(Untrained, 64, 1, confidence: 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => NestedHarness.Run<CartPole>(Untrained, 64, 1, continuations: 1));
        Assert.Throws<ArgumentException>(() => NestedHarness.Run<ContinuousStub>(Untrained, 64, 1));
        Assert.Throws<ArgumentException>(() => NestedHarness.Run<CartPole>(Linear, 64, 1));
        Assert.Throws<ArgumentException>(() => NestedHarness.Run<Chain<Endless>>(LinearTwo, 64, 1));
    }

    private static PolicyCase Initial(NetworkShape shape)
    {
        float[] parameters = new float[shape.ParameterCount];
        NetworkInitializer.Initialize(parameters, shape, Initialization.FanIn, outputScale: 0.1f, seed: 1);
        return PolicyCase.Random(shape, 1, seed: 25) with { Parameters = parameters };
    }

    private static void AssertTruth<TEnvironment>(PolicyCase policy, double discount, ChainTruth truth)
        where TEnvironment : struct, IBatchedEnvironment<TEnvironment>
    {
        IReadOnlyList<VarianceDecomposition> splits = NestedHarness.Run<TEnvironment>(policy, 20_000, discount, threads: 2, confidence: Confidence);
        foreach (VarianceDecomposition split in splits)
        {
            double[] expected = truth.Parts(split.Baseline);
            for (int part = 0; part < expected.Length; part++)
            {
                double value = NestedHarness.Values(split)[part];
                ConfidenceInterval interval = NestedHarness.Intervals(split)[part];
                double error = (interval.High - interval.Low) / 2 / StudentT.Quantile(0.5 + Confidence / 2, NestedResets.MinimumStates - 1);
                string what = $"{policy.Shape}, γ = {discount}, {split.Baseline}, {Names[part]}: {value} ± {error}, {expected[part]} is right";
                Assert.True(Math.Abs(value - expected[part]) < StandardErrors * error + SinglePrecision * expected[3], what);
                Assert.True(error < 0.05 * expected[3], what);
            }
        }
    }
}
