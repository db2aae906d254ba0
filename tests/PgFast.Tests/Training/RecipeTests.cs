using PgFast.Training;

namespace PgFast.Tests.Training;

/// <summary>The default options of classic control still train what docs/recipes.md says: a few seeds each, to the threshold within the budget.</summary>
/// <remarks>Training has the same bits everywhere, so these pass or fail everywhere alike: what breaks them is a change of a recipe or of the arithmetic.</remarks>
public class RecipeTests
{
    private const ulong FirstSeed = 4000;

    [Theory]
    [InlineData("cartpole", 1_000_000, 4)]
    [InlineData("acrobot", 500_000, 4)]
    [InlineData("cartpole-continuous", 800_000, 4)]
    [InlineData("mountain-car", 8_000_000, 4)]
    [InlineData("mountain-car-continuous", 3_000_000, 3)]
    [InlineData("pendulum", 5_000_000, 2)]
    public void Train_DefaultOptions_ReachTheThreshold(string name, long budget, int seeds)
    {
        EnvironmentEntry environment = EnvironmentCatalog.Find(name)!;
        double target = environment.Specification.SolvedReturn!.Value;
        for (int index = 0; index < seeds; index++)
        {
            ulong seed = FirstSeed + (ulong)index;
            using Trainer trainer = environment.CreateTrainer(environment.DefaultOptions with { Seed = seed });
            double best = double.NegativeInfinity;
            while (best < target && trainer.EnvironmentSteps < budget)
            {
                if (trainer.Update().MeanReturn >= target)
                    best = Math.Max(best, trainer.Evaluate(2000).MeanReturn);
            }

            Assert.True(best >= target, $"{name}, seed {seed}: {best} after {trainer.EnvironmentSteps} steps");
        }
    }
}
