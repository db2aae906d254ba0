using PgFast.Environments;
using PgFast.Estimators;
using PgFast.Networks;
using PgFast.Numerics;
using PgFast.Optimizers;
using PgFast.Policies;
using PgFast.Tests.Support;
using PgFast.Training;

namespace PgFast.Tests.Training;

public class TrainerTests
{
    private static readonly TrainerOptions Small = new() { BatchSize = 3, HiddenSizes = [4], Threads = 1 };

    private static readonly Dictionary<string, TrainerOptions> Bad = new()
    {
        ["HiddenSizes null"] = Small with { HiddenSizes = null! },
        ["HiddenSizes 0"] = Small with { HiddenSizes = [8, 0] },
        ["HiddenSizes -1"] = Small with { HiddenSizes = [-1] },
        ["HiddenSizes too many units"] = Small with { HiddenSizes = [65_537] },
        ["Activation 9"] = Small with { Activation = (Activation)9 },
        ["Initialization 9"] = Small with { Initialization = (Initialization)9 },
        ["OutputScale -1"] = Small with { OutputScale = -1 },
        ["OutputScale NaN"] = Small with { OutputScale = float.NaN },
        ["OutputScale infinite"] = Small with { OutputScale = float.PositiveInfinity },
        ["BatchSize 0"] = Small with { BatchSize = 0 },
        ["BatchSize -5"] = Small with { BatchSize = -5 },
        ["BatchSize too large"] = Small with { BatchSize = int.MaxValue },
        ["Estimator 9"] = Small with { Estimator = (Estimator)9 },
        ["Baseline -1"] = Small with { Baseline = (Baseline)(-1) },
        ["Discount -0.1"] = Small with { Discount = -0.1f },
        ["Discount 1.1"] = Small with { Discount = 1.1f },
        ["Discount NaN"] = Small with { Discount = float.NaN },
        ["EntropyCoefficient -1"] = Small with { EntropyCoefficient = -1 },
        ["EntropyCoefficient NaN"] = Small with { EntropyCoefficient = float.NaN },
        ["EntropyCoefficient infinite"] = Small with { EntropyCoefficient = float.PositiveInfinity },
        ["MaximumGradientNorm 0"] = Small with { MaximumGradientNorm = 0 },
        ["MaximumGradientNorm NaN"] = Small with { MaximumGradientNorm = float.NaN },
        ["Optimizer 9"] = Small with { Optimizer = (OptimizerKind)9 },
        ["StepSize 0"] = Small with { StepSize = 0 },
        ["StepSize -1"] = Small with { StepSize = -1 },
        ["StepSize NaN"] = Small with { StepSize = float.NaN },
        ["StepSize infinite"] = Small with { StepSize = float.PositiveInfinity },
        ["Momentum 1"] = Small with { Optimizer = OptimizerKind.Sgd, Momentum = 1 },
        ["Momentum NaN"] = Small with { Optimizer = OptimizerKind.Sgd, Momentum = float.NaN },
        ["Momentum with Adam"] = Small with { Momentum = 0.5f },
        ["FinalStepSizeFactor -0.1"] = Small with { FinalStepSizeFactor = -0.1f, ScheduledUpdates = 5 },
        ["FinalStepSizeFactor 1.1"] = Small with { FinalStepSizeFactor = 1.1f, ScheduledUpdates = 5 },
        ["RewardScale 0"] = Small with { RewardScale = 0 },
        ["RewardScale NaN"] = Small with { RewardScale = float.NaN },
        ["RewardScale infinite"] = Small with { RewardScale = float.PositiveInfinity },
        ["FinalStepSizeFactor NaN"] = Small with { FinalStepSizeFactor = float.NaN, ScheduledUpdates = 5 },
        ["FinalStepSizeFactor without a budget"] = Small with { FinalStepSizeFactor = 0.5f },
        ["ScheduledUpdates 0"] = Small with { ScheduledUpdates = 0 },
        ["ScheduledUpdates and steps"] = Small with { ScheduledUpdates = 5, ScheduledEnvironmentSteps = 5 },
        ["ScheduledEnvironmentSteps 0"] = Small with { ScheduledEnvironmentSteps = 0 },
        ["StandardDeviation 9"] = Small with { StandardDeviation = (StandardDeviationSource)9 },
        ["InitialStandardDeviation 0"] = Small with { InitialStandardDeviation = 0 },
        ["InitialStandardDeviation NaN"] = Small with { InitialStandardDeviation = float.NaN },
        ["InitialStandardDeviation infinite"] = Small with { InitialStandardDeviation = float.PositiveInfinity },
        ["ActionScale 0"] = Small with { ActionScale = 0 },
        ["ActionScale NaN"] = Small with { ActionScale = float.NaN },
        ["ActionScale infinite"] = Small with { ActionScale = float.PositiveInfinity },
        ["ValueHiddenSizes null"] = Small with { ValueHiddenSizes = null! },
        ["ValueHiddenSizes 0"] = Small with { ValueHiddenSizes = [0] },
        ["ValueActivation 9"] = Small with { ValueActivation = (Activation)9 },
        ["ValueStepSize 0"] = Small with { ValueStepSize = 0 },
        ["ValueStepSize NaN"] = Small with { ValueStepSize = float.NaN },
        ["ValueOptimizer 9"] = Small with { ValueOptimizer = (OptimizerKind)9 },
        ["ValueMinibatches 0"] = Small with { ValueMinibatches = 0 },
        ["ValuePasses 0"] = Small with { ValuePasses = 0 },
        ["Bootstraps without a value network"] = Small with { Bootstraps = true },
        ["Threads 0"] = Small with { Threads = 0 },
        ["Threads too many"] = Small with { Threads = 4097 },
    };

    public static TheoryData<string> BadNames => [.. Bad.Keys];

    [Theory]
    [MemberData(nameof(BadNames))]
    public void Constructor_BadOption_NamesItBeforeAnythingIsTouched(string name)
    {
        string option = name.Split(' ')[0];
        Assert.Equal(option, Assert.ThrowsAny<ArgumentException>(Bad[name].Validate).ParamName);
        Assert.Equal(option, Assert.ThrowsAny<ArgumentException>(() => new Trainer<Untouchable>(Bad[name])).ParamName);
    }

    [Fact]
    public void BadNames_OfAllOptions_LeaveNoneOut()
    {
        string[] named = [.. Bad.Keys.Select(name => name.Split(' ')[0]).Distinct()];
        string[] any =
        [
            nameof(TrainerOptions.HasBias), nameof(TrainerOptions.Seed), nameof(TrainerOptions.NormalizeReturns),
            nameof(TrainerOptions.MeasureEntropy), nameof(TrainerOptions.NormalizeObservations),
        ];
        string[] all = [.. typeof(TrainerOptions).GetProperties().Where(property => property.CanWrite).Select(property => property.Name)];
        Assert.Equal(all.Order(), named.Concat(any).Order());
    }

    [Fact]
    public void Constructor_ContinuousActions_TakesAGaussianWithTheSourceAskedFor()
    {
        using Trainer<Plane> free = new(Small), head = new(Small with { StandardDeviation = StandardDeviationSource.StateDependent });
        Assert.Equal((ActionDistribution.Gaussian(2), "3-4-2", 2), (free.Distribution, free.Shape.ToString(), free.Shape.FreeOutputSize));
        Assert.Equal(ActionDistribution.Gaussian(2, StandardDeviationSource.StateDependent), head.Distribution);
        Assert.Equal(("3-4-4", 0), (head.Shape.ToString(), head.Shape.FreeOutputSize));
    }

    [Fact]
    public void Constructor_NoOptions_TakesTheDefaults()
    {
        using Trainer<CartPole> trainer = new();
        Assert.Equal("4-32-2", trainer.Shape.ToString());
        Assert.Equal(0, trainer.UpdateCount);
        Assert.All(trainer.Gradient.ToArray(), value => Assert.Equal(0f, value));
        Assert.Equal("CartPole-v1", trainer.Environment.Name);
    }

    [Fact]
    public void Constructor_CallersListChangesLater_OptionsDoNot()
    {
        List<int> hidden = [4];
        using Trainer<CartPole> trainer = new(Small with { HiddenSizes = hidden });
        hidden[0] = 99;
        Assert.Equal([4], trainer.Options.HiddenSizes);
    }

    [Theory]
    [InlineData(OptimizerKind.Adam)]
    [InlineData(OptimizerKind.Sgd)]
    public void Update_ParametersOverflow_SaysWhichAndKeepsThem(OptimizerKind kind)
    {
        using Trainer<CartPole> trainer = new(Small with { Optimizer = kind, StepSize = 3e38f, BatchSize = 20, HiddenSizes = [] });
        trainer.SetParameters([.. Enumerable.Repeat(3e38f, 4), .. Enumerable.Repeat(-3e38f, 4), 0, 0]);
        float[] before = trainer.Parameters.ToArray();
        NonFiniteException? caught = null;
        for (int update = 0; update < 5 && caught is null; update++)
        {
            before = trainer.Parameters.ToArray();
            try
            {
                trainer.Update();
            }
            catch (NonFiniteException exception)
            {
                caught = exception;
            }
        }

        Assert.NotNull(caught);
        Assert.Equal(trainer.UpdateCount + 1, caught.Update);
        Assert.Contains(caught.Quantity, new[] { "parameters", "gradient" });
        Assert.StartsWith("policy.0.", caught.Tensor, StringComparison.Ordinal);
        Assert.Contains($"Update {caught.Update}", caught.Message, StringComparison.Ordinal);
        Bits.AssertEqual(before, trainer.Parameters, "parameters");
    }

    [Fact]
    public void Update_RewardBecomesNaN_SaysWhichUpdateAndKeepsTheParameters()
    {
        using Trainer<Poisoned> trainer = new(Small with { HiddenSizes = [5, 3], BatchSize = 70, NormalizeReturns = false });
        Poisoned.Reward = 1;
        trainer.Update();
        trainer.Update();
        float[] before = trainer.Parameters.ToArray();
        Poisoned.Reward = float.NaN;
        NonFiniteException exception = Assert.Throws<NonFiniteException>(() => trainer.Update());
        Assert.Equal((3L, "gradient", "policy.0.weight"), (exception.Update, exception.Quantity, exception.Tensor));
        Bits.AssertEqual(before, trainer.Parameters, "parameters");
        Assert.Equal(2, trainer.UpdateCount);

        // The run can go on where it was.
        Poisoned.Reward = 1;
        Assert.Equal(3, trainer.Update().Update);
    }

    [Theory]
    [InlineData(OptimizerKind.Adam, 1e25f, Baseline.None, float.PositiveInfinity, "second moment", "policy.0.weight")]
    [InlineData(OptimizerKind.Adam, 1e33f, Baseline.Value, 1, "returns", "value")]
    [InlineData(OptimizerKind.Sgd, float.NaN, Baseline.Value, 1, "gradient", "policy.0.weight")]
    public void Update_ThatFails_LeavesNothingBehind(OptimizerKind kind, float reward, Baseline baseline, float clip, string quantity, string tensor)
    {
        using Trainer<Poisoned> trainer = new(Small with
        {
            Optimizer = kind,
            StepSize = 1e-4f,
            Momentum = kind == OptimizerKind.Sgd ? 0.5f : 0,
            HiddenSizes = [5],
            BatchSize = 70,
            NormalizeReturns = false,
            Baseline = baseline,
            MaximumGradientNorm = clip,
        });
        Poisoned.Reward = 1;
        trainer.Update();
        trainer.Update();
        TrainerCheckpoint before = trainer.CaptureCheckpoint();
        Poisoned.Reward = reward;
        NonFiniteException exception = Assert.Throws<NonFiniteException>(() => trainer.Update());
        Poisoned.Reward = 1;
        Assert.Equal((3L, quantity, tensor), (exception.Update, exception.Quantity, exception.Tensor));
        Assert.Contains("policy of update 2 is kept", exception.Message, StringComparison.Ordinal);
        Assert.Equivalent(before, trainer.CaptureCheckpoint(), strict: true);
    }

    [Fact]
    public void Update_RewardBecomesInfinite_Throws()
    {
        foreach (bool normalize in new[] { false, true })
        {
            Poisoned.Reward = 1;
            using Trainer<Poisoned> trainer = new(Small with { NormalizeReturns = normalize });
            Poisoned.Reward = float.PositiveInfinity;
            Assert.Throws<NonFiniteException>(() => trainer.Update());
        }

        Poisoned.Reward = 1;
    }

    [Theory]
    [InlineData(Activation.Relu, new[] { 8 })]
    [InlineData(Activation.Relu, new[] { 8, 8 })]
    [InlineData(Activation.Tanh, new[] { 8 })]
    [InlineData(Activation.Tanh, new int[0])]
    public void Update_ObservationBecomesNaN_Throws(Activation activation, int[] hidden)
    {
        // A ReLU makes nothing of a NaN and finite rewards hide it: the gradient must tell nevertheless.
        Poisoned.Drift = 1;
        using Trainer<Poisoned> trainer = new(Small with { Activation = activation, HiddenSizes = hidden });
        trainer.Update();
        try
        {
            foreach (float poison in new[] { float.NaN, -float.NaN, float.PositiveInfinity })
            {
                Poisoned.Drift = poison;
                Assert.Equal("gradient", Assert.Throws<NonFiniteException>(() => trainer.Update()).Quantity);
            }
        }
        finally
        {
            Poisoned.Drift = 1;
        }
    }

    [Fact]
    public void Constructor_EpisodesTooLongForTheBatch_NamesTheOptions()
    {
        ArgumentException exception = Assert.Throws<ArgumentException>(() => new Trainer<Endless>(Small with { BatchSize = 4096 }));
        Assert.Equal("options", exception.ParamName);
    }

    [Fact]
    public void Evaluate_Cancelled_Throws()
    {
        using Trainer<CartPole> trainer = new(Small);
        using CancellationTokenSource source = new();
        source.Cancel();
        Assert.Throws<OperationCanceledException>(() => trainer.Evaluate(1000, source.Token));
        Assert.Equal("episodes", Assert.Throws<ArgumentOutOfRangeException>(() => trainer.Evaluate(int.MaxValue)).ParamName);
    }

    [Fact]
    public void TrainUntil_Cancelled_StopsBetweenUpdates()
    {
        using Trainer<CartPole> trainer = new(Small);
        using CancellationTokenSource source = new();
        Reports<TrainingProgress> reports = new(_ => source.Cancel());
        Assert.Throws<OperationCanceledException>(() => trainer.TrainUntil(500, progress: reports, cancellation: source.Token));
        Assert.Equal(1, trainer.UpdateCount);
        Assert.Throws<OperationCanceledException>(() => trainer.TrainUntil(500, cancellation: source.Token));
        Assert.Equal(1, trainer.UpdateCount);
    }

    [Fact]
    public void TrainUntil_LowTarget_StopsAtTheFirstUpdate()
    {
        using Trainer<CartPole> trainer = new(Small);
        TrainingResult result = trainer.TrainUntil(1, evaluationEpisodes: 50);
        Assert.Equal((true, 1L, 3L), (result.Solved, result.Updates, result.Episodes));
        Assert.Equal(50, result.Evaluation.Episodes);
        Assert.Equal(trainer.EnvironmentSteps, result.EnvironmentSteps);
    }

    [Fact]
    public void TrainUntil_TargetOutOfReach_GivesUpAndSaysSo()
    {
        using Trainer<CartPole> trainer = new(Small);
        TrainingResult result = trainer.TrainUntil(501, maximumUpdates: 7, evaluationEpisodes: 20);
        Assert.Equal((false, 7L), (result.Solved, result.Updates));
        Assert.True(result.TrainSeconds > 0);
    }

    [Fact]
    public void TrainUntil_Defaults_SolveCartPole()
    {
        using Trainer<CartPole> trainer = new(new TrainerOptions { Threads = 1 });
        TrainingResult result = trainer.TrainUntil(475);
        Assert.True(result.Solved, $"mean return {result.Evaluation.MeanReturn} after {result.Updates} updates");
        Assert.InRange(result.Evaluation.MeanReturn, 475, 500);
    }

    [Fact]
    public void TrainUntil_BadArguments_AreNamed()
    {
        using Trainer<CartPole> trainer = new(Small);
        Check("meanReturn", () => trainer.TrainUntil(double.NaN));
        Check("maximumUpdates", () => trainer.TrainUntil(1, maximumUpdates: 0));
        Check("evaluationEpisodes", () => trainer.TrainUntil(1, evaluationEpisodes: 0));
        Check("episodes", () => trainer.Evaluate(0));
        Assert.Equal(0, trainer.UpdateCount);

        static void Check(string name, Action call) => Assert.Equal(name, Assert.ThrowsAny<ArgumentException>(call).ParamName);
    }

    [Fact]
    public void SetParameters_BadVector_ChangesNothing()
    {
        using Trainer<CartPole> trainer = new(Small);
        string hash = trainer.ParameterHash();
        float[] parameters = new float[trainer.Shape.ParameterCount];
        Assert.Equal("parameters", Assert.Throws<ArgumentException>(() => trainer.SetParameters(parameters.AsSpan(1))).ParamName);
        parameters[^1] = float.NaN;
        Assert.Equal("parameters", Assert.Throws<ArgumentException>(() => trainer.SetParameters(parameters)).ParamName);
        parameters[^1] = float.NegativeInfinity;
        Assert.Equal("parameters", Assert.Throws<ArgumentException>(() => trainer.SetParameters(parameters)).ParamName);
        Assert.Equal(hash, trainer.ParameterHash());
    }

    [Fact]
    public void SetParameters_OfAnotherTrainer_GivesItsEvaluation()
    {
        using Trainer<CartPole> trained = new(Small), copy = new(Small);
        for (int update = 0; update < 5; update++)
            trained.Update();
        double mean = trained.Evaluate(200).MeanReturn;
        Assert.NotEqual(mean, copy.Evaluate(200).MeanReturn);
        using Trainer<CartPole> other = new(Small);
        other.SetParameters(trained.Parameters);
        Assert.Equal(mean, other.Evaluate(200).MeanReturn);
        Assert.Equal(trained.ParameterHash(), other.ParameterHash());
    }

    [Fact]
    public void ParameterHash_KnownParameters_IsSha256OfTheLittleEndianBytes() =>
        // printf '\x00\x00\x80\x3f\x00\x00\x00\xc0' | sha256sum
        Assert.Equal(
            Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData([0, 0, 0x80, 0x3F, 0, 0, 0, 0xC0])),
            Trainer.ParameterHashOf([1f, -2f]));

    [Fact]
    public void Evaluate_Twice_DrawsOtherEpisodes()
    {
        using Trainer<CartPole> trainer = new(Small);
        EvaluationResult first = trainer.Evaluate(700), second = trainer.Evaluate(700);
        Assert.NotEqual(first.MeanReturn, second.MeanReturn);
        // CartPole pays 1 a step.
        Assert.Equal((700, first.MeanReturn), (first.Episodes, first.EnvironmentSteps / 700.0));
    }

    [Fact]
    public void EvaluationResult_KnownReturns_SummarisesThem()
    {
        EvaluationResult result = new([4, 1, 3, 2], 10);
        Assert.Equal((2.5, 1.0, 4.0, 10L), (result.MeanReturn, result.Minimum, result.Maximum, result.EnvironmentSteps));
        Assert.Equal(Math.Sqrt(5.0 / 3 / 4), result.StandardError, 1e-15);
        Assert.Equal((1.0, 2.5, 4.0, 1.75), (result.Quantile(0), result.Quantile(0.5), result.Quantile(1), result.Quantile(0.25)));
        Assert.True(double.IsNaN(new EvaluationResult([1], 1).StandardError));
        Assert.Throws<ArgumentException>(() => new EvaluationResult([], 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => result.Quantile(1.01));
        Assert.Throws<ArgumentOutOfRangeException>(() => result.Quantile(double.NaN));
    }

    [Fact]
    public void Dispose_Twice_IsHarmless()
    {
        Trainer<CartPole> trainer = new(Small with { Threads = 3 });
        trainer.Dispose();
        trainer.Dispose();
    }

    [Fact]
    public void AnyCall_AfterDispose_Throws()
    {
        Trainer<CartPole> trainer = new(Small);
        trainer.Dispose();
        Assert.Throws<ObjectDisposedException>(() => trainer.Update());
        Assert.Throws<ObjectDisposedException>(() => trainer.Evaluate());
        Assert.Throws<ObjectDisposedException>(() => trainer.TrainUntil(1));
        Assert.Throws<ObjectDisposedException>(() => trainer.Train(1));
        Assert.Throws<ObjectDisposedException>(() => trainer.SetParameters(new float[trainer.Shape.ParameterCount]));
        Assert.Throws<ObjectDisposedException>(() => trainer.Parameters.Length);
        Assert.Throws<ObjectDisposedException>(() => trainer.ParameterHash());
    }

    /// <summary>Pays whatever the test says; only this class uses it, one test at a time.</summary>
    private readonly struct Poisoned : IBatchedEnvironment<Poisoned>
    {
        public static float Reward { get; set; } = 1;

        public static float Drift { get; set; } = 1;

        public static EnvironmentSpecification Specification { get; } = new("Poisoned", 1, 1, true, ActionSpace.Discrete(2), 6, 1, null);

        public static void Reset<TLanes>(in ResetBatch batch) where TLanes : unmanaged, ILanes<TLanes>
        {
            for (int lane = 0; lane < batch.LaneCount; lane += TLanes.Count)
                batch.State.Store(0, lane, TLanes.Broadcast(1));
        }

        public static ulong Step<TLanes>(in StepBatch batch) where TLanes : unmanaged, ILanes<TLanes>
        {
            for (int lane = 0; lane < batch.LaneCount; lane += TLanes.Count)
            {
                batch.NextState.Store(0, lane, batch.State.Load<TLanes>(0, lane) + TLanes.Broadcast(Drift));
                batch.Reward.Store(0, lane, TLanes.Broadcast(Reward));
            }

            return 0;
        }
    }

    /// <summary>Episodes of two billion steps.</summary>
    private readonly struct Endless : IBatchedEnvironment<Endless>
    {
        public static EnvironmentSpecification Specification { get; } =
            new("Endless", 1, 1, true, ActionSpace.Discrete(2), 2_000_000_000, 1, null);

        public static void Reset<TLanes>(in ResetBatch batch) where TLanes : unmanaged, ILanes<TLanes>
        {
        }

        public static ulong Step<TLanes>(in StepBatch batch) where TLanes : unmanaged, ILanes<TLanes> => ulong.MaxValue;
    }
}
