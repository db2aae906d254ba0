using PgFast.Agents;
using PgFast.Environments;
using PgFast.Estimators;
using PgFast.Networks;
using PgFast.Optimizers;
using PgFast.Tests.Agents;
using PgFast.Textbook;
using PgFast.Training;
using PgFast.Variance;

namespace PgFast.Tests.Telemetry;

/// <summary>The meter tells what the engine's own results say, and listening changes no bit of them.</summary>
[Collection(TelemetryTestGroup.Name)]
public class MetricsTests
{
    private static readonly TrainerOptions Small = new() { BatchSize = 3, HiddenSizes = [4], Threads = 1, MeasureEntropy = true };

    [Fact]
    public void Update_Listened_IsMeasured()
    {
        using Trainer<CartPole> trainer = new(Small);
        using Measurements measured = new(trainer.Environment.Name);
        List<UpdateResult> results = [];
        for (int update = 0; update < 20; update++)
            results.Add(trainer.Update());
        Assert.Equal(["trainer"], measured.Sources);
        Assert.Equal(20, measured["pgfast.training.updates"].Sum());
        Assert.Equal(trainer.EpisodeCount, measured["pgfast.training.episodes"].Sum());
        Assert.Equal(trainer.EnvironmentSteps, measured["pgfast.training.environment_steps"].Sum());
        Assert.Equal(results.Select(result => result.MeanReturn), measured["pgfast.training.mean_return"]);
        Assert.Equal(results.Select(result => result.MeanLength), measured["pgfast.training.mean_episode_length"]);
        Assert.Equal(results.Select(result => result.Entropy), measured["pgfast.training.entropy"]);
        Assert.Equal(results.Select(result => result.GradientNorm), measured["pgfast.training.gradient_norm"]);
        Assert.Equal(20, measured["pgfast.training.update.duration"].Count(seconds => seconds > 0));
        Assert.Empty(measured["pgfast.training.divergences"]);
    }

    [Fact]
    public void Update_EntropyNotMeasured_SaysNothingOfIt()
    {
        using Trainer<CartPole> trainer = new(Small with { MeasureEntropy = false });
        using Measurements measured = new(trainer.Environment.Name);
        trainer.Update();
        Assert.Empty(measured["pgfast.training.entropy"]);
        Assert.Single(measured["pgfast.training.updates"]);
    }

    [Fact]
    public void Update_Listened_HasTheSameBits()
    {
        string alone = Hash();
        using Measurements measured = new("CartPole-v1");
        Assert.Equal(alone, Hash());
        Assert.NotEmpty(measured["pgfast.training.updates"]);

        static string Hash()
        {
            using Trainer<CartPole> trainer = new(Small with { Baseline = Baseline.Value });
            trainer.Train(15);
            return trainer.ParameterHash();
        }
    }

    [Fact]
    public void Update_Diverges_IsCounted()
    {
        using Trainer<CartPole> trainer = new(Small with { Optimizer = OptimizerKind.Sgd, StepSize = 3e38f, HiddenSizes = [] });
        trainer.SetParameters([.. Enumerable.Repeat(3e38f, 4), .. Enumerable.Repeat(-3e38f, 4), 0, 0]);
        using Measurements measured = new(trainer.Environment.Name);
        Assert.Throws<NonFiniteException>(() => trainer.Train(50));
        Assert.Equal(1, measured["pgfast.training.divergences"].Sum());
        Assert.Equal(trainer.UpdateCount, measured["pgfast.training.updates"].Sum());
    }

    [Fact]
    public void Evaluate_Listened_IsMeasured()
    {
        using Trainer<CartPole> trainer = new(Small);
        using Measurements measured = new(trainer.Environment.Name);
        EvaluationResult result = trainer.Evaluate(300);
        Assert.Equal([result.MeanReturn], measured["pgfast.evaluation.mean_return"]);
        Assert.Equal([300], measured["pgfast.evaluation.episodes"]);
        Assert.Equal([result.EnvironmentSteps], measured["pgfast.evaluation.environment_steps"]);
        Assert.True(Assert.Single(measured["pgfast.evaluation.duration"]) > 0);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Agent_Listened_TellsDecisionsAndItsUpdates(bool inBackground)
    {
        AgentSpecification poles = new("Poles of a host", 4, ActionSpace.Discrete(2), 15);
        using Agent agent = new(poles, 40, Small, inBackground);
        HostedCartPole host = new(40, Small.Seed, 15);
        using Measurements measured = new(poles.Name);
        for (int entity = 0; entity < 30; entity++)
            agent.Add();
        int[] actions = new int[40];
        bool[] ended = [.. Enumerable.Repeat(true, 40)], never = new bool[40];
        agent.Act(host.Observations, actions);
        agent.Observe(host.Rewards, ended, never);
        agent.Update();
        agent.WaitForUpdate();
        agent.Act(host.Observations, actions);
        Assert.Equal([30, 30], measured["pgfast.agent.decisions"]);
        Assert.Equal(["agent"], measured.Sources);
        Assert.Equal([1], measured["pgfast.training.updates"]);
        Assert.Equal([3], measured["pgfast.training.episodes"]);
    }

    [Fact]
    public void Study_Listened_IsMeasured()
    {
        NetworkShape shape = new(4, [], 2, Activation.Relu);
        using VarianceStudy<CartPole> study = new(
            shape, new float[shape.ParameterCount], new VarianceOptions { Episodes = 3000, Baselines = [Baseline.None], MeasureSeconds = false, Threads = 1 });
        using Measurements measured = new("CartPole-v1");
        VarianceReport report = study.Run();
        Assert.Equal(report.Episodes, measured["pgfast.study.episodes"].Sum());
        Assert.Equal(report.EnvironmentSteps, measured["pgfast.study.environment_steps"].Sum());
        Assert.Equal([report.Seconds], measured["pgfast.study.duration"]);
    }

    [Fact]
    public void Textbook_Listened_CountsEpisodes()
    {
        using TextbookTrainer<ShortCorridor> trainer = new(new TextbookOptions { Runs = 70, Episodes = 40, Threads = 1 });
        using Measurements measured = new(trainer.Environment.Name);
        trainer.Train();
        Assert.Equal(70 * 40, measured["pgfast.training.episodes"].Sum());
        Assert.Equal(["textbook"], measured.Sources);
    }
}
