using PgFast.Environments;
using PgFast.Estimators;
using PgFast.Networks;
using PgFast.Numerics;
using PgFast.Reference;
using PgFast.Tests.Support;
using PgFast.Variance;

namespace PgFast.Tests.Variance;

/// <summary>Baselines that the engine fits on its pilot episodes against the formulas in plain double precision.</summary>
public class PilotTests
{
    // Gradients and returns in single precision, sums in double.
    private const double Tolerance = 1e-5;

    // A constant for one parameter is a quotient of sums that are smaller than others by up to this.
    private const double ParameterTolerance = 1e-4;

    // The value of a regression whose features are almost collinear, from returns in single precision.
    private const double LinearTolerance = 1e-4;

    /// <summary>Pushes towards the side on which the pole leans, not very surely: episodes of 10 to 500 steps.</summary>
    private static readonly float[] Balancing = [0, 0, 0, 0, 0.1f, 0.5f, 6, 3, 0, 0];

    [Theory]
    [InlineData(300, 0.99f, 1)]
    [InlineData(300, 1f, 2)]
    // Fewer than a mean at a step needs: all steps share one.
    [InlineData(20, 0.99f, 1)]
    [InlineData(270, 0.9f, 3)]
    public void Fitted_CartPole_AreTheFormulas(int pilot, float discount, int threads)
    {
        PolicyCase linear = PolicyCase.Random(new NetworkShape(4, [], 2, Activation.Relu), 1, seed: 1) with { Parameters = Balancing };
        AssertFitted<CartPole>(linear, OptionsOf(pilot, discount, threads));
    }

    [Fact]
    public void Fitted_UserEnvironment_AreTheFormulas() =>
        AssertFitted<Drift>(PolicyCase.Random(new NetworkShape(3, [5], 3, Activation.Tanh), 1, seed: 2), OptionsOf(400, 0.95f, 1));

    [Fact]
    public void Fitted_EpisodesThatAllReachTheLimit_GoOnToIt()
    {
        // Steady: the pole hardly ever falls, so the mean at the last steps is made of many.
        PolicyCase random = PolicyCase.Random(new NetworkShape(4, [], 2, Activation.Relu), 1, seed: 1);
        AssertFitted<CartPole>(random with { Parameters = [-1, -2, -20, -20, 1, 2, 20, 20, 0, 0] }, OptionsOf(60, 0.99f, 1));
    }

    private static VarianceOptions OptionsOf(int pilot, float discount, int threads) => new()
    {
        Episodes = 32,
        PilotEpisodes = pilot,
        Discount = discount,
        Threads = threads,
        MeasureSeconds = false,
        Seed = 33,
    };

    private static unsafe void AssertFitted<TEnvironment>(PolicyCase policy, VarianceOptions options)
        where TEnvironment : struct, IBatchedEnvironment<TEnvironment>
    {
        StudyTwin twin = StudyTwin.Create<TEnvironment>(policy, options);
        ReferenceBaselines expected = twin.Given;
        bool isCalled = false;
        using VarianceStudy<TEnvironment> study = new(policy.Shape, policy.Parameters, options)
        {
            Fitted = fitted =>
            {
                isCalled = true;
                Closeness.AssertClose([expected.Mean], [fitted.Mean], Tolerance, "mean");
                Closeness.AssertClose(expected.Optimal, fitted.Optimal, Tolerance, "optimal constants");
                Closeness.AssertClose(expected.TimeTotal, Closeness.ToDouble(fitted.TimeTotal), Tolerance, "G_0 by step");
                Closeness.AssertClose(expected.TimeToGo, Closeness.ToDouble(fitted.TimeToGo), Tolerance, "G_t by step");
                AssertPerParameter(expected, fitted, policy.Shape);
                AssertLinear(expected, fitted, twin);
            },
        };
        study.Run();
        Assert.True(isCalled, "the baselines were not fitted");
    }

    private static unsafe void AssertPerParameter(ReferenceBaselines expected, FittedBaselines fitted, NetworkShape shape)
    {
        GradientLayout layout = StudyTwin.LayoutOf(shape);
        for (int estimator = 0; estimator < 3; estimator++)
        {
            double[] flat = new double[shape.ParameterCount];
            layout.Spread(new ReadOnlySpan<double>(fitted.PerParameter((Estimator)estimator), layout.Length), flat, areSquares: true);
            Closeness.AssertClose(expected.PerParameter[estimator], flat, ParameterTolerance, $"constants by parameter, {(Estimator)estimator}");
        }
    }

    /// <summary>The values at the study's own observations, at steps seen and unseen.</summary>
    private static unsafe void AssertLinear(ReferenceBaselines expected, FittedBaselines fitted, StudyTwin twin)
    {
        const int Stride = 16;
        double[][] observations = [.. twin.Episodes.SelectMany(scored => scored.Episode.Observations.Where((_, t) => t % 5 == 0))];
        int features = observations[0].Length;
        using AlignedBuffer<float> memory = new((features + 3) * Stride);
        List<double> total = [], toGo = [], expectedTotal = [], expectedToGo = [];
        for (int sample = 0; sample < observations.Length; sample++)
        {
            int time = sample * 7 % 500;
            for (int feature = 0; feature < features; feature++)
                memory.Span[feature * Stride] = (float)observations[sample][feature];
            float* step = memory.Pointer + features * Stride;
            step[0] = time;
            fitted.Linear.Evaluate(memory.Pointer, Stride, step, 1, step + Stride, step + 2 * Stride);
            total.Add(step[Stride]);
            toGo.Add(step[2 * Stride]);
            double[] x = ReferenceBaselines.Features(observations[sample], time, expected.LastStep);
            expectedTotal.Add(x.Zip(expected.LinearTotal, (value, c) => value * c).Sum());
            expectedToGo.Add(x.Zip(expected.LinearToGo, (value, c) => value * c).Sum());
        }

        Closeness.AssertClose([.. expectedTotal], [.. total], LinearTolerance, "linear value of G_0");
        Closeness.AssertClose([.. expectedToGo], [.. toGo], LinearTolerance, "linear value of G_t");
    }
}
