using PgFast.Environments;
using PgFast.Estimators;
using PgFast.Networks;
using PgFast.Numerics;
using PgFast.Training;
using PgFast.Variance;

namespace PgFast.Tests.Variance;

/// <summary>The rows whose baseline is a network: against closed forms, and what they reach where there are none.</summary>
public class ValueStudyTests
{
    private const double OneStandardError = 0.682689492137086;

    /// <summary>J of the bandit with π = (0.2, 0.3, 0.5), its gradient, and the trace that J as baseline leaves; see <see cref="BanditStudyTests"/>.</summary>
    private const double J = 0.41, TraceWithJ = 0.107668;

    private static readonly double[] Gradient = [0.118, 0.087, -0.205];

    private static readonly VarianceOptions Options = new()
    {
        Baselines = [Baseline.Mean, Baseline.Value],
        Confidence = OneStandardError,
        MeasureSeconds = false,
        Seed = 5,
    };

    [Theory]
    [InlineData(Estimator.Total)]
    [InlineData(Estimator.RewardToGo)]
    [InlineData(Estimator.Discounted)]
    public void Bandit_GivenV_IsSubtractedWhereItPredictsTheReturn(Estimator learned)
    {
        // The observation is 1: the only weight is V.
        ValueFunction value = new(new NetworkShape(1, [], 1, Activation.Relu, hasBias: false), [(float)J], learned);
        using VarianceStudy study = Studies.Bandit(Options with { Episodes = 400_000, PilotEpisodes = 1024, ValueFunction = value });
        study.Fitted = fitted => fitted.Mean = J;
        VarianceReport report = study.Run();
        foreach (Estimator estimator in Enum.GetValues<Estimator>())
        {
            VarianceRow row = report.Row(estimator, Baseline.Value);
            bool isGiven = value.Predicts(estimator);
            Assert.Equal(estimator == Estimator.Total == (learned == Estimator.Total), isGiven);
            Assert.Equal(isGiven ? BaselineSource.Training : BaselineSource.Pilot, row.Source);
            if (!isGiven)
                continue;
            Studies.IsWithinStandardErrors(TraceWithJ, row.Trace, row.TraceInterval, 0.01);
            // The same episodes less the same number: another way of computing the row beside it.
            Assert.Equal(report.Row(estimator, Baseline.Mean).Trace, row.Trace, 1e-6);
        }
    }

    [Fact]
    public void Bandit_FittedV_IsTheMeanReturnAndMovesNoExpectation()
    {
        using VarianceStudy study = Studies.Bandit(Options with { Episodes = 400_000, PilotEpisodes = 65_536, BatchSizes = [1, 4] });
        VarianceReport report = study.Run();
        for (int index = 0; index < report.Rows.Count; index++)
        {
            VarianceRow row = report.Rows[index];
            double[] mean = study.ParameterMeans(index), variance = study.ParameterVariances(index);
            for (int h = 0; h < Gradient.Length; h++)
                Assert.Equal(Gradient[h], mean[h], Studies.StandardErrors * Math.Sqrt(variance[h] / row.Batches));
            if (row.Baseline != Baseline.Value)
                continue;
            // V is off by what 65,536 returns of deviation 0.47 leave open, some 0.002, of which a trace changes by 0.62·2·0.17 each.
            Assert.Equal(BaselineSource.Pilot, row.Source);
            Assert.Equal(TraceWithJ / row.BatchSize, row.Trace, 0.02 * TraceWithJ / row.BatchSize);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Corridor_TrueStateValue_IsWorseThanAConstant(bool isGiven)
    {
        // V = (−12, −10, −6) leaves a variance of 295 to the difference of the preferences, the start's −12 one of 277 (Sutton and Barto
        // 2018, example 13.1). The weights of the constant feature are the two preferences; the trace has both.
        ValueFunction exact = new(new NetworkShape(4, [], 1, Activation.Relu, hasBias: false), [0, -12, -10, -6], Estimator.RewardToGo);
        using VarianceStudy study = Studies.ObservedCorridor(Options with
        {
            Episodes = 2_000_000,
            Discount = 1,
            Estimators = [Estimator.RewardToGo],
            PilotEpisodes = isGiven ? 1024 : 200_000,
            ValueFunction = isGiven ? exact : null,
        });
        VarianceReport report = study.Run();
        Assert.Equal((Baseline.Value, isGiven ? BaselineSource.Training : BaselineSource.Pilot), (report.Rows[2].Baseline, report.Rows[2].Source));
        double[] variance = study.ParameterVariances(2), mean = study.ParameterMeans(2), without = study.ParameterMeans(0);
        Assert.Equal(590, variance[0] + variance[4], 0.02 * 590);
        double error = Math.Sqrt(study.ParameterVariances(0)[0] / report.Episodes);
        Assert.Equal(without[0], mean[0], Studies.StandardErrors * error);
    }

    [Fact]
    public unsafe void Corridor_FittedV_IsTheStateValue()
    {
        using VarianceStudy study = Studies.ObservedCorridor(Options with { Episodes = 1024, Discount = 1, PilotEpisodes = 50_000 });
        int calls = 0;
        study.Fitted = fitted =>
        {
            using SampleValues values = new(fitted.Values!);
            values.Refresh();
            using AlignedBuffer<float> observation = new(4 * 16), step = new(16), total = new(16), toGo = new(16);
            for (int state = 0; state < 3; state++)
            {
                observation.Span[state] = 1;
                observation.Span[(1 + state) * 16 + state] = 1;
                step.Span[state] = 4;
            }

            values.Evaluate(observation.Pointer, 16, step.Pointer, 3, total.Pointer, toGo.Pointer);
            double[] truth = [-12, -10, -6];
            for (int state = 0; state < 3; state++)
            {
                Assert.Equal(truth[state], toGo.Span[state], 0.4);
                // What is still to come and the four steps that were.
                Assert.Equal(truth[state] - 4, total.Span[state], 0.4);
            }

            calls++;
        };
        study.Run();
        Assert.Equal(1, calls);
    }

    [Fact]
    public void CartPole_UntrainedPolicy_ValueLeavesTheLeastVariance()
    {
        // The policy that training starts from; another may suit the linear baseline better, as V is not what leaves the least variance.
        using Trainer<CartPole> trainer = new(new TrainerOptions { Seed = 1, Threads = 1 });
        VarianceOptions options = new() { Baselines = [.. Enum.GetValues<Baseline>()], MeasureSeconds = false, Episodes = 40_000 };
        using VarianceStudy<CartPole> study = new(trainer.Shape, trainer.Parameters, options);
        VarianceReport report = study.Run();
        double[] expected = [0.050, 0.377, 0.366];
        foreach (Estimator estimator in Enum.GetValues<Estimator>())
        {
            VarianceRow value = report.Row(estimator, Baseline.Value);
            Assert.Equal(expected[(int)estimator], value.RatioToNone, 0.05 * expected[(int)estimator]);
            foreach (VarianceRow other in report.Rows.Where(row => row.Estimator == estimator && row.Baseline != Baseline.Value))
                Assert.True(value.RatioInterval.High < other.RatioInterval.Low, $"{estimator}: {other.Baseline} {other.RatioToNone}, value {value.RatioToNone}");
        }
    }

    [Fact]
    public void Constructor_ValueFunctionOfOtherInputs_Throws()
    {
        ValueFunction value = new(new NetworkShape(3, [], 1, Activation.Relu), new float[4], Estimator.Total);
        Assert.Throws<ArgumentException>("options", () => Studies.CartPole(Options with { ValueFunction = value }));
    }

    [Fact]
    public void ValueFunction_BadArguments_AreNamed()
    {
        NetworkShape shape = new(4, [3], 1, Activation.Tanh);
        Assert.Throws<ArgumentNullException>("shape", () => new ValueFunction(null!, [], Estimator.Total));
        Assert.Throws<ArgumentException>("shape", () => new ValueFunction(new NetworkShape(4, [], 2, Activation.Tanh), new float[10], Estimator.Total));
        Assert.Throws<ArgumentException>("parameters", () => new ValueFunction(shape, new float[3], Estimator.Total));
        Assert.Throws<ArgumentException>("parameters", () => new ValueFunction(shape, [.. new float[18], float.NaN], Estimator.Total));
        Assert.Throws<ArgumentOutOfRangeException>("estimator", () => new ValueFunction(shape, new float[19], (Estimator)7));
    }
}
