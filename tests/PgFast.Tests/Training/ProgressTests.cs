using System.Diagnostics;
using PgFast.Environments;
using PgFast.Tests.Support;
using PgFast.Training;

namespace PgFast.Tests.Training;

/// <summary>Long calls report now and then, and a cancelled one leaves a trainer that goes on with the same bits.</summary>
public class ProgressTests
{
    private static readonly TrainerOptions Small = new() { BatchSize = 3, HiddenSizes = [4], Threads = 1 };

    [Fact]
    public void Train_Progress_ReportsFirstAndLastAndNotEveryUpdate()
    {
        using Trainer<CartPole> trainer = new(Small);
        Reports<TrainingProgress> reports = new();
        long start = Stopwatch.GetTimestamp();
        TrainingProgress end = trainer.Train(3000, reports);
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        Assert.Equal((1L, 1 / 3000.0), (reports.All[0].Update.Update, reports.All[0].Fraction));
        Assert.Equal(end, reports.All[^1]);
        Assert.Equal((3000L, 1.0, null), (end.Update.Update, end.Fraction, end.Evaluation));
        Assert.Equal((trainer.EpisodeCount, trainer.EnvironmentSteps), (end.Episodes, end.EnvironmentSteps));
        Assert.InRange(end.TrainSeconds, double.Epsilon, seconds);
        // The first, at most one a tenth of a second, and the last.
        Assert.InRange(reports.All.Count, 2, 2 + (int)(seconds / 0.1));
        Assert.Equal(reports.All.Select(report => report.Update.Update).Order().Distinct(), reports.All.Select(report => report.Update.Update));
    }

    [Fact]
    public void Train_BadArguments_AreNamed()
    {
        using Trainer<CartPole> trainer = new(Small);
        Assert.Equal("updates", Assert.Throws<ArgumentOutOfRangeException>(() => trainer.Train(0)).ParamName);
        Assert.Equal(0, trainer.UpdateCount);
    }

    [Fact]
    public void Train_CancelledInside_FinishesTheUpdateAndGoesOnWithTheSameBits()
    {
        using Trainer<CartPole> straight = new(Small), stopped = new(Small);
        straight.Train(10);
        using CancellationTokenSource source = new();
        Reports<TrainingProgress> reports = new(_ => source.Cancel());
        OperationCanceledException thrown = Assert.Throws<OperationCanceledException>(() => stopped.Train(10, reports, source.Token));
        Assert.Equal(source.Token, thrown.CancellationToken);
        Assert.Equal(1, stopped.UpdateCount);
        stopped.Train(9);
        Assert.Equal(straight.ParameterHash(), stopped.ParameterHash());
    }

    [Fact]
    public void TrainUntil_Progress_TellsEvaluationsAndTheEnd()
    {
        using Trainer<CartPole> trainer = new(Small);
        Reports<TrainingProgress> reports = new();
        TrainingResult result = trainer.TrainUntil(501, maximumUpdates: 7, evaluationEpisodes: 20, progress: reports);
        Assert.Equal((7L, 1.0), (reports.All[^1].Update.Update, reports.All[^1].Fraction));
        Assert.Same(result.Evaluation, reports.All[^1].Evaluation);
        Assert.Null(reports.All[0].Evaluation);
    }

    [Fact]
    public void Evaluate_CancelledInside_IsAsIfItHadNeverBegun()
    {
        TrainerOptions options = Small with { HiddenSizes = [] };
        using Trainer<ScalarEnvironment<Cancelling>> straight = new(options), stopped = new(options);
        EvaluationResult expected = straight.Evaluate(2000);
        using CancellationTokenSource source = new();
        Cancelling.Source = source;
        Assert.Throws<OperationCanceledException>(() => stopped.Evaluate(2000, source.Token));
        Cancelling.Source = null;
        EvaluationResult again = stopped.Evaluate(2000);
        Assert.Equal((expected.MeanReturn, expected.EnvironmentSteps), (again.MeanReturn, again.EnvironmentSteps));
    }

    /// <summary>A pole that calls off what its first step is part of.</summary>
    private readonly struct Cancelling : IScalarEnvironment<Cancelling>
    {
        public static CancellationTokenSource? Source { get; set; }

        public static EnvironmentSpecification Specification { get; } = CartPole.Specification with { Name = "Cancelling" };

        public static void Reset(ReadOnlySpan<uint> randomWords, Span<float> state, Span<float> observation) =>
            ScalarCartPole.Reset(randomWords, state, observation);

        public static bool Step(Span<float> state, ScalarAction action, Span<float> observation, out float reward)
        {
            Source?.Cancel();
            return ScalarCartPole.Step(state, action, observation, out reward);
        }
    }
}
