using PgFast.Environments;
using PgFast.Networks;
using PgFast.Training;

namespace PgFast.Tests.Training;

public class EnvironmentCatalogTests
{
    [Fact]
    public void All_Entries_HaveValidSpecificationsAndDistinctNames()
    {
        Assert.Equal(
            [
                "cartpole", "cartpole-continuous", "acrobot", "mountain-car", "mountain-car-continuous", "pendulum", "corridor", "bandit",
                "gaussian-bandit", "cartpole-v0", "cartpole-sutton-barto", "cartpole-puffer",
            ],
            EnvironmentCatalog.Names);
        Assert.All(EnvironmentCatalog.All, entry => entry.Specification.Validate());
        Assert.Same(EnvironmentCatalog.Find("corridor"), EnvironmentCatalog.Find("CORRIDOR"));
        Assert.Null(EnvironmentCatalog.Find("gridworld"));
    }

    [Theory]
    [InlineData("cartpole", "4-32-2", true, Initialization.FanIn)]
    [InlineData("acrobot", "6-32-3", true, Initialization.FanIn)]
    [InlineData("mountain-car", "2-32-3", true, Initialization.FanIn)]
    [InlineData("pendulum", "3-32-1", true, Initialization.FanIn)]
    [InlineData("gaussian-bandit", "1-1", false, Initialization.Zero)]
    [InlineData("corridor", "1-2", false, Initialization.Zero)]
    [InlineData("bandit", "1-3", false, Initialization.Zero)]
    public void DefaultPolicy_OfAnEntry_IsWhatItsTrainerHas(string name, string shape, bool hasBias, Initialization initialization)
    {
        EnvironmentEntry entry = EnvironmentCatalog.Find(name)!;
        using Trainer trainer = entry.CreateTrainer();
        NetworkShape made = entry.DefaultPolicy.CreateShape(entry.Specification);
        foreach (NetworkShape actual in new[] { trainer.Shape, made })
        {
            Assert.Equal(shape, actual.ToString());
            Assert.Equal(hasBias, actual.HasBias);
        }

        Assert.Equal(initialization, trainer.Options.Initialization);
        Assert.Equal(initialization == Initialization.Zero, trainer.Parameters.ToArray().All(value => value == 0));
    }

    [Fact]
    public void DefaultPolicy_OfCartPole_IsThatOfTrainerOptions()
    {
        using Trainer entry = EnvironmentCatalog.Find("cartpole")!.CreateTrainer();
        using Trainer<CartPole> plain = new();
        Assert.Equal(plain.ParameterHash(), entry.ParameterHash());
        Assert.Equal(plain.Shape.ToString(), entry.Shape.ToString());
    }

    [Fact]
    public void InitializationFor_ZeroBelowHiddenLayers_IsOneThatLearns()
    {
        Assert.Equal(Initialization.Zero, PolicyDefaults.Preferences.InitializationFor([]));
        Assert.Equal(Initialization.FanIn, PolicyDefaults.Preferences.InitializationFor([8]));
        Assert.Equal(Initialization.Glorot, new PolicyDefaults { Initialization = Initialization.Glorot }.InitializationFor([8]));
    }

    [Fact]
    public void HasBias_Off_LeavesBiasesOutOfTheNetwork()
    {
        using Trainer<CartPole> trainer = new(new TrainerOptions { HasBias = false, BatchSize = 16, Threads = 1 });
        Assert.Equal((4 + 2) * 32, trainer.Shape.ParameterCount);
        string before = trainer.ParameterHash();
        trainer.Update();
        Assert.NotEqual(before, trainer.ParameterHash());
    }
}
