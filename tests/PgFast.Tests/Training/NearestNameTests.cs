using PgFast.Environments;
using PgFast.Training;

namespace PgFast.Tests.Training;

public class NearestNameTests
{
    [Theory]
    [InlineData("cartpol", "cartpole")]
    [InlineData("CartPole", "cartpole")]
    [InlineData("cratpole", "cartpole")]
    [InlineData("acro", "acrobot")]
    [InlineData("mountaincar", "mountain-car")]
    [InlineData("humanoid", null)]
    [InlineData("", null)]
    [InlineData("x", null)]
    public void Find_Misspelling_GivesTheNearest(string name, string? expected) =>
        Assert.Equal(expected, NearestName.Find(name, ["cartpole", "acrobot", "mountain-car"]));

    [Fact]
    public void Find_VeryLongName_GivesNone() => Assert.Null(NearestName.Find(new string('c', 100_000), ["cartpole"]));

    [Fact]
    public void Catalog_CartPole_CreatesTheSameTrainer()
    {
        EnvironmentEntry entry = EnvironmentCatalog.Find("CARTPOLE")!;
        Assert.Same(CartPole.Specification, entry.Specification);
        TrainerOptions options = new() { BatchSize = 16, Threads = 1 };
        using Trainer named = entry.CreateTrainer(options);
        using Trainer<CartPole> typed = new(options);
        named.Update();
        typed.Update();
        Assert.Equal(typed.ParameterHash(), named.ParameterHash());
        Assert.Null(EnvironmentCatalog.Find("cart"));
    }
}
