using PgFast.Environments;
using PgFast.Optimizers;
using PgFast.Tests.Support;
using PgFast.Training;

namespace PgFast.Tests.Training;

/// <summary>The step size of every update, by the share of the budget that was used up before it.</summary>
public class StepSizeScheduleTests
{
    private static readonly TrainerOptions Small = new() { BatchSize = 8, HiddenSizes = [4], Threads = 1, StepSize = 0.02f };

    [Theory]
    [InlineData(0.25f)]
    [InlineData(0f)]
    public void Update_BudgetOfUpdates_FallsLinearlyAndStays(float factor)
    {
        using Trainer<CartPole> trainer = new(Small with { FinalStepSizeFactor = factor, ScheduledUpdates = 5 });
        for (int update = 0; update < 8; update++)
        {
            trainer.Update();
            double expected = 0.02 * (1 - (1 - factor) * Math.Min(1, update / 5.0));
            Assert.Equal(expected, trainer.StepSize, 1e-8);
        }
    }

    [Fact]
    public void Update_BudgetOfEnvironmentSteps_FollowsThem()
    {
        using Trainer<CartPole> trainer = new(Small with { FinalStepSizeFactor = 0.1f, ScheduledEnvironmentSteps = 700 });
        for (int update = 0; update < 8; update++)
        {
            double share = Math.Min(1, trainer.EnvironmentSteps / 700.0);
            trainer.Update();
            Assert.Equal(0.02 * (1 - 0.9 * share), trainer.StepSize, 1e-8);
        }

        Assert.True(trainer.EnvironmentSteps > 700, "the budget must be used up for the test to see what follows");
    }

    [Fact]
    public void Update_Scheduled_StepsByThatSizeTimesTheGradient()
    {
        using Trainer<CartPole> trainer = new(
            Small with { Optimizer = OptimizerKind.Sgd, FinalStepSizeFactor = 0, ScheduledUpdates = 4 });
        for (int update = 0; update < 6; update++)
        {
            float[] before = trainer.Parameters.ToArray();
            trainer.Update();
            float size = (float)(0.02 * Math.Max(0, 1 - update / 4.0));
            for (int i = 0; i < before.Length; i++)
                Assert.Equal(before[i] + size * trainer.Gradient[i], trainer.Parameters[i], 1e-6f);
            if (update >= 4)
                Bits.AssertEqual(before, trainer.Parameters, "parameters after the budget");
        }
    }

    [Fact]
    public void Constructor_HugeStepSizeWithASchedule_Works()
    {
        using Trainer<CartPole> trainer = new(Small with { StepSize = 3e38f, FinalStepSizeFactor = 0.5f, ScheduledUpdates = 5 });
        Assert.Equal(3e38f, trainer.StepSize);
    }
}
