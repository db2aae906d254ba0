using PgFast.Tests.Support;
using PgFast.Training;

namespace PgFast.Tests.Allocation;

/// <summary>An update allocates nothing: not on the caller, not on a worker, not anywhere in the process.</summary>
public class AllocationTests
{
    private static readonly Dictionary<string, ChildRun> Runs = new()
    {
        ["relu"] = new ChildRun(),
        ["relu, two threads"] = new ChildRun { Batch = 300, Threads = 2 },
        ["time baseline, entropy, clipping"] = new ChildRun { Baseline = "Time", Entropy = 0.01, MeasureEntropy = true, Clip = "0.1", Batch = 130, Threads = 2 },
        ["mean baseline, total, momentum"] = new ChildRun { Baseline = "Mean", Estimator = "Total", Optimizer = "Sgd", Momentum = 0.5, Normalize = false },
        ["tanh, discounted"] = new ChildRun { Activation = "Tanh", Estimator = "Discounted", Batch = 130, Threads = 2 },
        ["value baseline"] = new ChildRun { Baseline = "Value", Batch = 130, Threads = 2 },
        ["two layers"] = new ChildRun { Hidden = "12,20", MeasureEntropy = true, Threads = 2, Batch = 130 },
        ["linear"] = new ChildRun { Hidden = "", Batch = 20 },
        ["corridor, preferences"] = new ChildRun
        {
            Environment = "corridor",
            Hidden = "",
            Bias = false,
            Baseline = "Time",
            Batch = 130,
            Threads = 2,
        },
        // Updates of a bandit are so short that five pass before a worker first goes to sleep, which the runtime allocates for once.
        ["plane, free σ"] = new ChildRun
        {
            Environment = "plane",
            Hidden = "9",
            Activation = "Tanh",
            NormalizeObservations = true,
            ActionScale = 0.7,
            FinalStepSizeFactor = 0.5,
            MeasureEntropy = true,
            Batch = 130,
            Threads = 2,
            WarmUp = 100,
        },
        ["plane, head of σ"] = new ChildRun
        {
            Environment = "plane",
            Sigma = "StateDependent",
            Hidden = "3",
            Activation = "Tanh", // Bounds log σ.
            Entropy = 0.1,
            NormalizeObservations = true,
            ActionScale = 2,
            Batch = 130,
            Threads = 2,
            WarmUp = 50,
        },
        ["bandit, preferences"] = new ChildRun { Environment = "bandit", Hidden = "", Bias = false, Batch = 130, Threads = 2, WarmUp = 500 },
    };

    public static TheoryData<string> Names => [.. Runs.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Update_ManyTimes_AllocatesNothingInTheProcess(string name)
    {
        // The runtime's own thread that compiles methods again would allocate when it starts, at a time of its choice.
        Dictionary<string, string> child = await ChildProcess.Train(
            Runs[name] with { WarmUp = Math.Max(5, Runs[name].WarmUp), Updates = 100, Windows = 3 }, ("DOTNET_TieredCompilation", "0"));
        foreach (string count in new[] { "callerBytes", "workerBytes", "totalBytes", "collections" })
            Assert.Equal((count, "0"), (count, child[count]));
    }

    [Fact]
    public async Task Update_EveryEnvironmentByItsDefaults_AllocatesNothingInTheProcess()
    {
        ChildRun run = new() { Environment = "catalog", Batch = 130, Threads = 2, WarmUp = 40, Updates = 20, Windows = 3 };
        Dictionary<string, string> child = await ChildProcess.Train(run, ("DOTNET_TieredCompilation", "0"));
        foreach (string name in EnvironmentCatalog.Names)
        {
            foreach (string count in new[] { "callerBytes", "workerBytes", "totalBytes", "collections" })
                Assert.Equal((name, count, "0"), (name, count, child[$"{name}.{count}"]));
        }
    }

    [Fact]
    public void Update_UserEnvironment_AllocatesNothing()
    {
        using Trainer<Drift> trainer = new(new TrainerOptions { BatchSize = 130, Threads = 3, MeasureEntropy = true, HiddenSizes = [8, 8] });
        Assert.Equal(0, AllocatedBy(() => trainer.Update()));
        long workers = trainer.WorkerAllocatedBytes;
        for (int update = 0; update < 50; update++)
            trainer.Update();
        Assert.Equal(workers, trainer.WorkerAllocatedBytes);
    }

    [Fact]
    public void AllocatedBy_AllocatingBody_SeesIt() => Assert.InRange(AllocatedBy(() => GC.KeepAlive(new object())), 16, 64);

    private static long AllocatedBy(Action body)
    {
        for (int i = 0; i < 100; i++)
            body(); // Past tier 0 and static constructors.
        long before = GC.GetAllocatedBytesForCurrentThread();
        body();
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }
}
