using PgFast.Environments;
using PgFast.Tests.Support;
using PgFast.Training;

namespace PgFast.Tests.Environments;

/// <summary>Scalar code in lanes: nothing but the speed may differ from an environment that is written for lanes.</summary>
public class ScalarEnvironmentTests
{
    private static readonly TrainerOptions Options = new() { BatchSize = 96, HiddenSizes = [8], Seed = 3 };

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Trainer_ScalarCartPole_GivesTheBitsOfCartPole(int threads)
    {
        using Trainer<CartPole> lanes = new(Options);
        using Trainer<ScalarEnvironment<ScalarCartPole>> scalar = new(Options with { Threads = threads });
        for (int update = 0; update < 8; update++)
            Assert.Equal(lanes.Update(), scalar.Update());
        Assert.Equal(lanes.ParameterHash(), scalar.ParameterHash());
        Assert.Equal(lanes.Evaluate(200).MeanReturn, scalar.Evaluate(200).MeanReturn);
    }

    [Fact]
    public void Trainer_ContinuousActionsAndHiddenState_LearnsTheSameOnAnyThreads()
    {
        TrainerOptions options = Options with { BatchSize = 200, NormalizeObservations = true, StepSize = 0.01f };
        using Trainer<ScalarEnvironment<ScalarPoint>> one = new(options with { Threads = 1 });
        using Trainer<ScalarEnvironment<ScalarPoint>> three = new(options with { Threads = 3 });
        double before = one.Evaluate(500).MeanReturn;
        for (int update = 0; update < 60; update++)
        {
            one.Update();
            three.Update();
        }

        Assert.Equal(one.ParameterHash(), three.ParameterHash());
        Assert.True(one.Evaluate(500).MeanReturn > before + 1, $"from {before} to {one.Evaluate(500).MeanReturn}");
    }

    [Fact]
    public void Update_ScalarEnvironment_AllocatesNothing()
    {
        using Trainer<ScalarEnvironment<ScalarPoint>> trainer = new(Options with { Threads = 1 });
        trainer.Update();
        long least = long.MaxValue;
        for (int window = 0; window < 3; window++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            trainer.Update();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.Equal(0, least);
    }

    [Fact]
    public void ScalarAction_MadeByHand_ReadsBack()
    {
        Span<float> storage = stackalloc float[1];
        Assert.Equal(7, ScalarAction.Discrete(storage, 7).Index);
        ScalarAction action = ScalarAction.Continuous([1.5f, -2f]);
        Assert.Equal((1.5f, -2f), (action[0], action[1]));
    }
}
