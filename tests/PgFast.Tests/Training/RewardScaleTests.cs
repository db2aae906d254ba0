using PgFast.Environments;
using PgFast.Optimizers;
using PgFast.Training;

namespace PgFast.Tests.Training;

/// <summary>Rewards times a factor: what the gradient sees of it, and what it must not.</summary>
public class RewardScaleTests
{
    private static readonly TrainerOptions Small = new() { BatchSize = 8, HiddenSizes = [4], Threads = 1, StepSize = 0.0625f };

    [Fact]
    public void Update_PlainGradient_ScaleIsThatOfTheStep()
    {
        TrainerOptions plain = Small with { Optimizer = OptimizerKind.Sgd, NormalizeReturns = false };
        // Powers of two: not a bit may differ.
        Assert.Equal(Train(plain with { RewardScale = 1, StepSize = 0.0625f }), Train(plain with { RewardScale = 4, StepSize = 0.015625f }));
        Assert.NotEqual(Train(plain), Train(plain with { RewardScale = 4 }));
    }

    [Fact]
    public void Update_StandardisedWeights_ScaleCancels() =>
        Assert.Equal(Train(Small), Train(Small with { RewardScale = 1000 }));

    [Fact]
    public void Update_EntropyBonus_IsNotScaled()
    {
        TrainerOptions bonus = Small with { Optimizer = OptimizerKind.Sgd, NormalizeReturns = false, EntropyCoefficient = 0.5f };
        Assert.Equal(
            Train(bonus with { RewardScale = 1, StepSize = 0.0625f, EntropyCoefficient = 0.5f }),
            Train(bonus with { RewardScale = 4, StepSize = 0.015625f, EntropyCoefficient = 2 }));
    }

    [Fact]
    public void Update_AnyScale_ReturnsAreTheEnvironments()
    {
        using Trainer<CartPole> one = new(Small), other = new(Small with { RewardScale = 100 });
        Assert.Equal(one.Update().MeanReturn, other.Update().MeanReturn);
        Assert.Equal(one.Evaluate(50).MeanReturn, other.Evaluate(50).MeanReturn);
    }

    [Theory]
    [InlineData(0f)]
    [InlineData(-1f)]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void Trainer_ScaleOutOfRange_Throws(float scale)
    {
        ArgumentOutOfRangeException exception =
            Assert.Throws<ArgumentOutOfRangeException>(() => new Trainer<CartPole>(Small with { RewardScale = scale }));
        Assert.Equal(nameof(TrainerOptions.RewardScale), exception.ParamName);
    }

    private static string Train(TrainerOptions options)
    {
        using Trainer<CartPole> trainer = new(options);
        for (int update = 0; update < 5; update++)
            trainer.Update();
        return trainer.ParameterHash();
    }
}
