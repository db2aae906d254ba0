using PgFast.Environments;
using PgFast.Estimators;
using PgFast.Networks;
using PgFast.Training;
using PgFast.Variance;

namespace PgFast.Tests.Variance;

/// <summary>The update that studies and benchmarks time is the one that training makes.</summary>
public sealed class BaselineUpdateTests : IDisposable
{
    private const ulong Seed = 3;

    /// <summary>Not the first, so that where a batch starts is seen to count.</summary>
    private const int Batch = 2;

    private readonly NetworkShape _shape = new(4, [8], 2, Activation.Relu);
    private readonly NetworkParameters _parameters;
    private readonly LinearBaseline _linear = new(4);

    public BaselineUpdateTests() => _parameters = new NetworkParameters(_shape, mergeOutputs: true);

    /// <summary>Every estimator and baseline that training has, in one shard, in one that is full, in several with a short last one.</summary>
    public static TheoryData<Estimator, Baseline, int> Cases
    {
        get
        {
            TheoryData<Estimator, Baseline, int> cases = [];
            foreach (Estimator estimator in Enum.GetValues<Estimator>())
            {
                foreach (Baseline baseline in (Baseline[])[Baseline.None, Baseline.Mean, Baseline.Time])
                {
                    foreach (int episodes in (int[])[1, 5, 64, 130])
                        cases.Add(estimator, baseline, episodes);
                }
            }

            return cases;
        }
    }

    public void Dispose() => _parameters.Dispose();

    [Theory]
    [MemberData(nameof(Cases))]
    public void Run_BaselineOfTraining_IsTheGradientOfTraining(Estimator estimator, Baseline baseline, int episodes)
    {
        using Trainer<CartPole> trainer = new(new TrainerOptions
        {
            HiddenSizes = [8],
            BatchSize = episodes,
            Estimator = estimator,
            Baseline = baseline,
            NormalizeReturns = false,
            Seed = Seed,
            Threads = 1,
        });
        UpdateResult expected = trainer.ComputeGradient(Batch);
        using BaselineUpdate update = Create(trainer.Parameters, episodes);

        long steps = update.Run(estimator, baseline, (ulong)(Batch * episodes));

        Assert.Equal(expected.EnvironmentSteps, steps);
        float[] gradient = ToSingle(update.Gradient);
        Assert.Equal(trainer.Gradient.ToArray(), gradient);
        Assert.Contains(gradient, component => component != 0);
    }

    [Theory]
    [InlineData(Estimator.Total)]
    [InlineData(Estimator.RewardToGo)]
    [InlineData(Estimator.Discounted)]
    public void Run_LinearBaseline_SubtractsItsValues(Estimator estimator)
    {
        const int Episodes = 70;
        float[] parameters = new float[_shape.ParameterCount];
        NetworkInitializer.Initialize(parameters, _shape, Initialization.FanIn, outputScale: 1, Seed);
        using BaselineUpdate update = Create(parameters, Episodes);
        update.Run(estimator, Baseline.None, 0);
        float[] none = ToSingle(update.Gradient);

        // Coefficients of 0 subtract nothing, whatever else the pass does; a constant does.
        update.Run(estimator, Baseline.Linear, 0);
        float[] zero = ToSingle(update.Gradient);
        double[] constant = new double[_linear.FeatureCount];
        constant[^1] = 10;
        _linear.Set(constant, constant, lastStep: 500);
        update.Run(estimator, Baseline.Linear, 0);

        Assert.Equal(none, zero);
        Assert.NotEqual(none, ToSingle(update.Gradient));
    }

    [Theory]
    [InlineData(Estimator.Total)]
    [InlineData(Estimator.RewardToGo)]
    [InlineData(Estimator.Discounted)]
    public void Run_ValueBaseline_IsTheGradientOfTraining(Estimator estimator)
    {
        const int Episodes = 130;
        using Trainer<CartPole> trainer = new(new TrainerOptions
        {
            HiddenSizes = [8],
            BatchSize = Episodes,
            Estimator = estimator,
            Baseline = Baseline.Value,
            ValueStepSize = 0.02f,
            NormalizeReturns = false,
            Seed = Seed,
            Threads = 1,
        });
        for (int k = 0; k < Batch; k++)
            trainer.Update();
        trainer.ComputeGradient(Batch);
        StudyPlan plan = new(new VarianceOptions { Estimators = [estimator], Baselines = [Baseline.Value] });
        using ValueNetworks values = new(CartPole.Specification, plan, trainer.CreateValueFunction());
        using BaselineUpdate update = Create(trainer.Parameters, Episodes, values);

        update.Run(estimator, Baseline.Value, Batch * Episodes);

        // V in units of reward is V in units of its deviations but for rounding.
        float[] expected = trainer.Gradient.ToArray(), gradient = ToSingle(update.Gradient);
        float size = expected.Max(Math.Abs);
        Assert.All(expected.Zip(gradient), pair => Assert.Equal(pair.First, pair.Second, 1e-4f * size));
        update.Run(estimator, Baseline.None, Batch * Episodes);
        Assert.Contains(expected.Zip(ToSingle(update.Gradient)), pair => Math.Abs(pair.First - pair.Second) > 0.05f * size);
    }

    private BaselineUpdate Create(ReadOnlySpan<float> parameters, int episodes, ValueNetworks? values = null)
    {
        parameters.CopyTo(_parameters.Flat);
        _parameters.Refresh();
        return new BaselineUpdate(BatchedEnvironment.Create<CartPole>(), _parameters, new VarianceOptions { Seed = Seed }, _linear, episodes, values);
    }

    private static float[] ToSingle(ReadOnlySpan<double> gradient) => [.. gradient.ToArray().Select(component => (float)component)];
}
