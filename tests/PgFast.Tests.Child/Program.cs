// Trains in a process of its own, so that tests can switch off instruction sets and count every allocated byte.
// Arguments are name=value pairs, output is one name=value pair a line.
using System.Globalization;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using PgFast.Estimators;
using PgFast.Networks;
using PgFast.Numerics;
using PgFast.Optimizers;
using PgFast.Policies;
using PgFast.Tests.Support;
using PgFast.Training;

Dictionary<string, string> arguments = args.Select(argument => argument.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1]);
int updates = Integer("updates"), warmUp = Integer("warmUp");
TrainerOptions options = new()
{
    HasBias = bool.Parse(arguments["bias"]),
    HiddenSizes = [.. arguments["hidden"].Split(',', StringSplitOptions.RemoveEmptyEntries).Select(text => int.Parse(text, CultureInfo.InvariantCulture))],
    Activation = Enum.Parse<Activation>(arguments["activation"]),
    Estimator = Enum.Parse<Estimator>(arguments["estimator"]),
    Baseline = Enum.Parse<Baseline>(arguments["baseline"]),
    NormalizeReturns = bool.Parse(arguments["normalize"]),
    EntropyCoefficient = float.Parse(arguments["entropy"], CultureInfo.InvariantCulture),
    MeasureEntropy = bool.Parse(arguments["measureEntropy"]),
    MaximumGradientNorm = float.Parse(arguments["clip"], CultureInfo.InvariantCulture),
    Optimizer = Enum.Parse<OptimizerKind>(arguments["optimizer"]),
    Momentum = float.Parse(arguments["momentum"], CultureInfo.InvariantCulture),
    BatchSize = Integer("batch"),
    Threads = Integer("threads"),
    Seed = 12,
    StandardDeviation = Enum.Parse<StandardDeviationSource>(arguments["sigma"]),
    ActionScale = float.Parse(arguments["actionScale"], CultureInfo.InvariantCulture),
    NormalizeObservations = bool.Parse(arguments["normalizeObservations"]),
    FinalStepSizeFactor = float.Parse(arguments["finalStepSizeFactor"], CultureInfo.InvariantCulture),
    ScheduledUpdates = 100,
};
if (arguments["environment"] == "catalog")
{
    foreach (EnvironmentEntry entry in EnvironmentCatalog.All)
    {
        using Trainer trainer = entry.CreateTrainer(
            entry.DefaultOptions with { BatchSize = options.BatchSize, Threads = options.Threads, Seed = options.Seed, MeasureEntropy = true });
        Train(trainer, entry.Name + ".");
    }
}
else
{
    using Trainer trainer = arguments["environment"] switch
    {
        "aim" => new Trainer<Aim>(options),
        "plane" => new Trainer<Plane>(options),
        string name => EnvironmentCatalog.Find(name)!.CreateTrainer(options),
    };
    Train(trainer, "");
    Print("evaluation", arguments.ContainsKey("evaluate") ? trainer.Evaluate(Integer("evaluate")).MeanReturn : double.NaN);
}

Print("lanes", LaneWidth.Count);
Print("vector512", Vector512.IsHardwareAccelerated);
Print("vector256", Vector256.IsHardwareAccelerated);
Print("vector128", Vector128.IsHardwareAccelerated);
Print("fma", Fma.IsSupported);

int Integer(string name) => int.Parse(arguments[name], CultureInfo.InvariantCulture);

void Train(Trainer trainer, string prefix)
{
    Print(prefix + "initialHash", trainer.ParameterHash());
    for (int update = 0; update < warmUp; update++)
        trainer.Update();
    // The least of a few windows: what an update allocates shows in each, what the runtime allocates once (when a thread first has to wait
    // for a lock, say) in one.
    long callerBytes = long.MaxValue, workerBytes = long.MaxValue, totalBytes = long.MaxValue;
    int collections = int.MaxValue;
    double entropy = 0;
    for (int window = 0; window < Integer("windows"); window++)
    {
        long callerBefore = GC.GetAllocatedBytesForCurrentThread(), workersBefore = trainer.WorkerAllocatedBytes;
        int collectionsBefore = GC.CollectionCount(0);
        long totalBefore = GC.GetTotalAllocatedBytes(precise: true);
        for (int update = 0; update < updates; update++)
            entropy = trainer.Update().Entropy;
        totalBytes = Math.Min(totalBytes, GC.GetTotalAllocatedBytes(precise: true) - totalBefore);
        collections = Math.Min(collections, GC.CollectionCount(0) - collectionsBefore);
        callerBytes = Math.Min(callerBytes, GC.GetAllocatedBytesForCurrentThread() - callerBefore);
        workerBytes = Math.Min(workerBytes, trainer.WorkerAllocatedBytes - workersBefore);
    }

    Print(prefix + "callerBytes", callerBytes);
    Print(prefix + "workerBytes", workerBytes);
    Print(prefix + "totalBytes", totalBytes);
    Print(prefix + "collections", collections);
    Print(prefix + "hash", trainer.ParameterHash());
    Print(prefix + "entropyBits", BitConverter.DoubleToInt64Bits(entropy));
    Print(prefix + "steps", trainer.EnvironmentSteps);
}

static void Print(string name, object value) => Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name}={value}"));
