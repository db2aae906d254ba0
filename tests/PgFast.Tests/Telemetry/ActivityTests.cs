using System.Diagnostics;
using PgFast.Environments;
using PgFast.Networks;
using PgFast.Optimizers;
using PgFast.Textbook;
using PgFast.Training;
using PgFast.Variance;

namespace PgFast.Tests.Telemetry;

/// <summary>Spans of what takes a while; of updates only where they are asked for.</summary>
[Collection(TelemetryTestGroup.Name)]
public class ActivityTests
{
    private static readonly TrainerOptions Small = new() { BatchSize = 3, HiddenSizes = [4], Threads = 1 };

    [Fact]
    public void TrainUntil_Listened_IsASpanAroundItsEvaluations()
    {
        using Trainer<CartPole> trainer = new(Small);
        List<Activity> heard = Heard(["PgFast"], () => trainer.TrainUntil(1, evaluationEpisodes: 50));
        Assert.Equal(["pgfast.evaluate", "pgfast.train"], heard.Select(activity => activity.OperationName));
        Assert.Equal(heard[1].SpanId, heard[0].ParentSpanId);
        Assert.Equal("CartPole-v1", heard[1].GetTagItem("pgfast.environment"));
        Assert.Equal(1L, heard[1].GetTagItem("pgfast.seed"));
        Assert.Equal(1L, heard[1].GetTagItem("pgfast.updates"));
        Assert.Equal(true, heard[1].GetTagItem("pgfast.solved"));
        Assert.Equal(50, heard[0].GetTagItem("pgfast.episodes"));
        Assert.Equal(ActivityStatusCode.Unset, heard[1].Status);
    }

    [Fact]
    public void Train_UpdatesAskedFor_AreSpansToo()
    {
        using Trainer<CartPole> trainer = new(Small);
        Assert.Single(Heard(["PgFast"], () => trainer.Train(5)));
        List<Activity> heard = Heard(["PgFast", "PgFast.Updates"], () => trainer.Train(5));
        Assert.Equal([6L, 7L, 8L, 9L, 10L], heard.Where(activity => activity.OperationName == "pgfast.update").Select(activity => activity.GetTagItem("pgfast.update")));
        Assert.All(heard[..5], activity => Assert.Equal(heard[5].SpanId, activity.ParentSpanId));
    }

    [Fact]
    public void Train_Cancelled_IsNoError()
    {
        using Trainer<CartPole> trainer = new(Small);
        Activity run = Assert.Single(Heard(["PgFast"], () =>
            Assert.Throws<OperationCanceledException>(() => trainer.Train(5, cancellation: new CancellationToken(canceled: true)))));
        Assert.Equal((true, ActivityStatusCode.Unset), (run.GetTagItem("pgfast.cancelled"), run.Status));
    }

    [Fact]
    public void Train_Diverges_IsAnError()
    {
        using Trainer<CartPole> trainer = new(Small with { Optimizer = OptimizerKind.Sgd, StepSize = 3e38f, HiddenSizes = [] });
        trainer.SetParameters([.. Enumerable.Repeat(3e38f, 4), .. Enumerable.Repeat(-3e38f, 4), 0, 0]);
        Activity run = Assert.Single(Heard(["PgFast"], () => Assert.Throws<NonFiniteException>(() => trainer.Train(50))));
        Assert.Equal(ActivityStatusCode.Error, run.Status);
        Assert.Equal(typeof(NonFiniteException).FullName, run.GetTagItem("error.type"));
        Assert.Single(run.Events);
    }

    [Fact]
    public void StudyAndTextbook_Listened_AreSpans()
    {
        NetworkShape shape = new(4, [], 2, Activation.Relu);
        using VarianceStudy<CartPole> study = new(shape, new float[shape.ParameterCount], new VarianceOptions { Episodes = 500, MeasureSeconds = false, Threads = 1 });
        using TextbookTrainer<ShortCorridor> textbook = new(new TextbookOptions { Runs = 2, Episodes = 4, Threads = 1 });
        List<Activity> heard = Heard(["PgFast"], () =>
        {
            study.Run();
            textbook.Train();
        });
        Assert.Equal(["pgfast.study", "pgfast.train"], heard.Select(activity => activity.OperationName));
        Assert.Equal("textbook", heard[1].GetTagItem("pgfast.source"));
    }

    private static List<Activity> Heard(string[] sources, Action work)
    {
        List<Activity> heard = [];
        using ActivityListener listener = new()
        {
            ShouldListenTo = source => sources.Contains(source.Name),
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = heard.Add,
        };
        ActivitySource.AddActivityListener(listener);
        work();
        return heard;
    }
}
