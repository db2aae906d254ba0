using PgFast.Randomness;
using PgFast.Reference;
using PgFast.Tests.Golden;

namespace PgFast.Tests.Reference;

public class ReferenceCartPoleTests
{
    // Same formulas in the same precision; sine, cosine and the order of a few products may differ in the last bits.
    private const double OneStepTolerance = 1e-12;

    [Fact]
    public void Step_FromEveryGoldenState_ReachesTheGoldenNextState()
    {
        double largest = 0.0;
        foreach (GoldenTransition row in GoldenCartPole.Rows)
        {
            ReferenceCartPole environment = At(row);
            environment.Step(row.Action);
            double[] next = environment.Observation;
            for (int feature = 0; feature < ReferenceCartPole.ObservationSize; feature++)
            {
                largest = Math.Max(largest, Math.Abs(next[feature] - row.NextState[feature]));
            }
        }

        Assert.InRange(largest, 0.0, OneStepTolerance);
    }

    [Fact]
    public void Step_FromEveryGoldenState_GivesTheGoldenRewardAndFlags()
    {
        foreach (GoldenTransition row in GoldenCartPole.Rows)
        {
            ReferenceStep step = At(row).Step(row.Action);
            Assert.Equal(new ReferenceStep(row.Reward, row.Terminated, row.Truncated), step);
        }
    }

    [Fact]
    public void Rows_OfTheGoldenFile_CoverBothFlagsAndTheirAbsence()
    {
        Assert.Equal(1450, GoldenCartPole.Rows.Count);
        Assert.Contains(GoldenCartPole.Rows, row => row is { Kind: GoldenRowKind.Broad, Terminated: true });
        Assert.Contains(GoldenCartPole.Rows, row => row is { Kind: GoldenRowKind.Broad, Terminated: false });
        Assert.Contains(GoldenCartPole.Rows, row => row is { Kind: GoldenRowKind.Trajectory, Truncated: true });
    }

    [Theory]
    [InlineData(2.4, 0.0, false)]
    [InlineData(-2.4, 0.0, false)]
    [InlineData(2.4000000000000004, 0.0, true)]
    [InlineData(-2.4000000000000004, 0.0, true)]
    [InlineData(0.0, 0.20943951023931953, false)]
    [InlineData(0.0, -0.20943951023931953, false)]
    [InlineData(0.0, 0.20943951023931956, true)]
    [InlineData(0.0, -0.20943951023931956, true)]
    public void Step_AtALimit_TerminatesStrictlyBeyondIt(double x, double theta, bool expected)
    {
        // Without velocity the positions of the next state are those of this one.
        Assert.Equal(expected, new ReferenceCartPole([x, 0.0, theta, 0.0]).Step(0).Terminated);
    }

    [Fact]
    public void Step_BeyondALimitInTheLastStep_SetsBothFlags()
    {
        ReferenceStep step = new ReferenceCartPole([2.39, 3.0, 0.0, 0.0], ReferenceCartPole.StepLimit - 1).Step(1);
        Assert.Equal(new ReferenceStep(1.0, Terminated: true, Truncated: true), step);
    }

    [Fact]
    public void Step_AfterTheEnd_Throws()
    {
        ReferenceCartPole environment = new([2.4, 3.0, 0.0, 0.0]);
        Assert.True(environment.Step(1).Terminated);
        Assert.Throws<InvalidOperationException>(() => environment.Step(1));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(2)]
    public void Step_UnknownAction_Throws(int action)
    {
        ReferenceCartPole environment = new([0.0, 0.0, 0.0, 0.0]);
        Assert.Throws<ArgumentOutOfRangeException>(() => environment.Step(action));
    }

    [Fact]
    public void Reset_AnyEpisode_UsesTheFourWordsInOrder()
    {
        const ulong Seed = 0x1234_5678_9ABC_DEF0;
        const ulong Episode = (7UL << 32) + 3;
        PhiloxBlock words = Philox.Generate(Seed, RandomStream.Reset, Episode, 0);
        double[] expected =
        [
            (2.0 * Philox.Uniform(words.Word0) - 1.0) * 0.05,
            (2.0 * Philox.Uniform(words.Word1) - 1.0) * 0.05,
            (2.0 * Philox.Uniform(words.Word2) - 1.0) * 0.05,
            (2.0 * Philox.Uniform(words.Word3) - 1.0) * 0.05,
        ];
        Assert.Equal(expected, ReferenceCartPole.Reset(Seed, Episode).Observation);
    }

    [Fact]
    public void Reset_ManyEpisodes_FillsTheInterval()
    {
        double[] values = [.. Enumerable.Range(0, 1000).SelectMany(i => ReferenceCartPole.Reset(1, (ulong)i).Observation)];
        Assert.InRange(values.Min(), -0.05, -0.049);
        Assert.InRange(values.Max(), 0.049, 0.05);
    }

    private static ReferenceCartPole At(GoldenTransition row) =>
        new(row.State, row.Kind == GoldenRowKind.Trajectory ? row.Time : 0);
}
