using PgFast.Environments;
using PgFast.Estimators;
using PgFast.Networks;
using PgFast.Tests.Support;
using PgFast.Variance;

namespace PgFast.Tests.Variance;

/// <summary>Values out of range and networks that do not fit are found before anything runs.</summary>
public class VarianceOptionsTests
{
    private static readonly VarianceOptions Good = new() { Episodes = 100, Threads = 1 };

    /// <summary>The parameter that the message names, and the options.</summary>
    public static TheoryData<string, VarianceOptions> Wrong => new()
    {
        { "Estimators", Good with { Estimators = [] } },
        { "Estimators", Good with { Estimators = [Estimator.Total, Estimator.Total] } },
        { "Estimators", Good with { Estimators = [(Estimator)3] } },
        { "Estimators", Good with { Estimators = null! } },
        { "Baselines", Good with { Baselines = [] } },
        { "Baselines", Good with { Baselines = [Baseline.Mean, Baseline.Mean] } },
        { "Baselines", Good with { Baselines = [(Baseline)(-1)] } },
        { "Baselines", Good with { Baselines = null! } },
        { "Baselines", Good with { NormalizeReturns = true, Baselines = [Baseline.OptimalPerParameter] } },
        { "BatchSizes", Good with { BatchSizes = [] } },
        { "BatchSizes", Good with { BatchSizes = [4, 4] } },
        { "BatchSizes", Good with { BatchSizes = [0] } },
        { "BatchSizes", Good with { BatchSizes = [101] } },
        { "BatchSizes", Good with { BatchSizes = null! } },
        { "Episodes", Good with { Episodes = 1, BatchSizes = [1] } },
        { "TimeBudget", Good with { TimeBudget = TimeSpan.Zero } },
        { "PilotEpisodes", Good with { PilotEpisodes = 1 } },
        { "PilotEpisodes", Good with { PilotEpisodes = 16_777_217 } },
        { "Discount", Good with { Discount = -0.1f } },
        { "Discount", Good with { Discount = 1.1f } },
        { "Discount", Good with { Discount = float.NaN } },
        { "Confidence", Good with { Confidence = 0 } },
        { "Confidence", Good with { Confidence = 1 } },
        { "Confidence", Good with { Confidence = double.NaN } },
        { "NestedStates", Good with { NestedStates = -1 } },
        { "Threads", Good with { Threads = 0 } },
        { "Threads", Good with { Threads = 4097 } },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void Validate_OutOfRange_NamesTheOption(string name, VarianceOptions options)
    {
        ArgumentException exception = Assert.ThrowsAny<ArgumentException>(options.Validate);
        Assert.Equal(name, exception.ParamName);
        Assert.ThrowsAny<ArgumentException>(() => new VarianceStudy<Untouchable>(Shape(1, 2), new float[4], options));
    }

    [Fact]
    public void Validate_EdgesOfTheRanges_AreAllowed()
    {
        new VarianceOptions().Validate();
        (Good with { Episodes = 2, PilotEpisodes = 2, BatchSizes = [2], Discount = 0, Confidence = 1e-9 }).Validate();
        (Good with { TimeBudget = TimeSpan.FromTicks(1), NestedStates = 0, Threads = 4096 }).Validate();
        (Good with { NormalizeReturns = true, Baselines = [Baseline.Linear], Discount = 1 }).Validate();
    }

    [Fact]
    public void Constructor_NetworkThatDoesNotFit_Throws()
    {
        AssertRefused<Untouchable>(Shape(2, 2), new float[6], "shape");
        AssertRefused<Untouchable>(Shape(1, 3), new float[6], "shape");
        AssertRefused<Untouchable>(Shape(1, 2), new float[5], "parameters");
        AssertRefused<Untouchable>(Shape(1, 2), [0, 0, float.NaN, 0], "parameters");
        AssertRefused<Untouchable>(Shape(1, 2), [0, 0, 0, float.PositiveInfinity], "parameters");
        // A Gaussian takes a mean and a log σ: one output is too few.
        AssertRefused<ContinuousStub>(Shape(1, 1), new float[2], "shape");
        AssertRefused<ContinuousStub>(new NetworkShape(1, [], 1, Activation.Relu, true, 2), new float[4], "shape");
        Assert.Throws<ArgumentNullException>(() => new VarianceStudy<Untouchable>(null!, new float[4]));
    }

    [Fact]
    public void Constructor_NestedStatesOfContinuousActions_Throws()
    {
        NetworkShape shape = new(3, [], 4, Activation.Relu);
        VarianceOptions options = Good with { NestedStates = 16 };
        Assert.Throws<ArgumentException>("options", () => new VarianceStudy<Plane>(shape, new float[16], options));
    }

    private static void AssertRefused<TEnvironment>(NetworkShape shape, float[] parameters, string? name)
        where TEnvironment : struct, IBatchedEnvironment<TEnvironment>
    {
        ArgumentException exception = Assert.ThrowsAny<ArgumentException>(() => new VarianceStudy<TEnvironment>(shape, parameters, Good));
        Assert.Equal(name, exception.ParamName);
    }

    private static NetworkShape Shape(int inputs, int outputs) => new(inputs, [], outputs, Activation.Relu);
}
