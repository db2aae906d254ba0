using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using PgFast.Files;
using PgFast.Networks;

namespace PgFast.Tests.Reports;

/// <summary>Files as the command line writes them, with plausible numbers from formulas.</summary>
internal static class SampleFiles
{
    public static readonly string[] Estimators = ["total", "reward-to-go", "discounted"];

    public static readonly string[] Baselines = ["none", "mean", "time", "optimal", "optimal-per-parameter", "linear"];

    public static readonly int[] BatchSizes = [1, 4, 16, 64, 256, 1024];

    // Relative size of the trace by estimator, and by baseline.
    private static readonly double[] EstimatorScales = [9.1, 4.2, 1.6];
    private static readonly double[] BaselineRatios = [1, 0.52, 0.21, 0.39, 0.34, 0.18];

    /// <summary>A study; the largest batch size has too few batches, mean and time have no other episodes at batch size 1.</summary>
    public static JsonObject Study(long? update = null, bool decomposed = false)
    {
        double growth = 1 + (update ?? 0) / 20.0;
        JsonArray rows = [];
        foreach (int batchSize in BatchSizes)
        {
            for (int estimator = 0; estimator < Estimators.Length; estimator++)
            {
                for (int baseline = 0; baseline < Baselines.Length; baseline++)
                    rows.Add(Row(estimator, baseline, batchSize, growth));
            }
        }

        JsonObject study = new()
        {
            ["environment"] = "cartpole",
            ["policy"] = update is null ? null : $"runs/a/checkpoints/policy-{update:D9}.safetensors",
            ["parameterHash"] = new string('a', 62) + "42",
            ["seed"] = 18446744073709551615UL,
            ["update"] = update,
            ["network"] = "4-32-2",
            ["activation"] = "relu",
            ["episodes"] = 100096,
            ["environmentSteps"] = 2202112,
            ["meanEpisodeLength"] = 22.0,
            ["meanReturn"] = 22.0 * growth,
            ["parameterCount"] = 226,
            ["discount"] = 0.99,
            ["normalize"] = false,
            ["confidence"] = 0.95,
            ["pilotEpisodes"] = 12512,
            ["episodesPerShard"] = 256,
            ["blocks"] = 128,
            ["interrupted"] = false,
            ["seconds"] = 1.23,
            ["rows"] = rows,
        };
        if (decomposed)
            study["decompositions"] = new JsonArray(Split("none", 3.1, 0.9, 2.2), Split("state-value", 0.8, 0.7, 2.3));
        return study;
    }

    /// <summary>Studies of the checkpoints of a run.</summary>
    public static JsonObject Studies(params long[] updates) => new()
    {
        ["environment"] = "cartpole",
        ["run"] = "runs/a",
        ["studies"] = new JsonArray([.. updates.Select(update => (JsonNode)Study(update, decomposed: true))]),
    };

    /// <summary>
    /// Makes a directory of a kind: <c>study</c>, <c>studies</c> (those of a run, beside its files), <c>run</c>, <c>seeds</c>, <c>sweep</c> or
    /// <c>sweep-large</c>.
    /// </summary>
    public static void Write(string directory, string kind)
    {
        Directory.CreateDirectory(directory);
        if (kind == "study")
            File.WriteAllText(Path.Combine(directory, "study.json"), Study(decomposed: true).ToJsonString());
        if (kind == "studies")
            File.WriteAllText(Path.Combine(directory, "study.json"), Studies(0, 10, 20, 40, 60).ToJsonString());
        if (kind is "sweep" or "sweep-large")
            File.WriteAllText(Path.Combine(directory, "sweep.json"), (kind == "sweep" ? SampleSweeps.Small() : SampleSweeps.Large()).ToJsonString());
        if (kind is "studies" or "run")
            WriteRun(directory, seed: 1, updates: 60);
        for (int seed = 1; kind == "seeds" && seed <= 5; seed++)
            WriteRun(Path.Combine(directory, $"seed-{seed}"), seed, updates: 40 + 2 * seed);
    }

    /// <summary>The rows of <c>metrics.csv</c>: returns that rise to 500, faster or slower by seed.</summary>
    public static string Metrics(int seed, int updates)
    {
        StringBuilder text = new("update,episodes,environmentSteps,meanReturn,meanLength,entropy,gradientNorm,seconds\n");
        long steps = 0;
        for (int update = 1; update <= updates; update++)
        {
            double rise = 1 / (1 + Math.Exp(-(update - 20.0 - 3 * seed) / 5));
            double mean = 20 + 470 * rise + 15 * Math.Sin(1.7 * update + seed);
            steps += (long)(64 * mean);
            text.Append(CultureInfo.InvariantCulture, $"{update},{64 * update},{steps},{mean},{mean},0.5,1.5,{update * 1e-3}\n");
        }

        return text.ToString();
    }

    /// <summary>A run directory.</summary>
    public static void WriteRun(string directory, int seed, int updates, bool withPolicy = true)
    {
        Directory.CreateDirectory(directory);
        JsonObject configuration = new()
        {
            ["environment"] = "cartpole",
            ["hidden"] = new JsonArray(32),
            ["activation"] = "relu",
            ["lr"] = 0.03,
            ["clipNorm"] = null,
            ["normalize"] = true,
            ["seed"] = seed,
            ["target"] = 475,
            ["version"] = "0.1.0",
        };
        File.WriteAllText(Path.Combine(directory, "config.json"), configuration.ToJsonString());
        File.WriteAllText(Path.Combine(directory, "metrics.csv"), Metrics(seed, updates));
        if (withPolicy)
            BalancingPolicy((ulong)seed).Save(Path.Combine(directory, "policy.safetensors"));
    }

    /// <summary>A policy that pushes towards where the pole falls: p(right) = σ(40 θ + 10 θ̇ + 2 ẋ + x).</summary>
    public static PolicyFile BalancingPolicy(ulong seed) =>
        new(new NetworkShape(4, [], 2, Activation.Relu), [0, 0, 0, 0, 1, 2, 40, 10, 0, 0])
        {
            Environment = "cartpole",
            Seed = seed,
            Update = 60,
        };

    private static JsonObject Row(int estimator, int baseline, int batchSize, double growth)
    {
        JsonObject row = new()
        {
            ["estimator"] = Estimators[estimator],
            ["baseline"] = Baselines[baseline],
            ["baselineFrom"] = baseline == 0 ? "none" : baseline < 3 ? "batch" : "pilot",
            ["batchSize"] = batchSize,
            ["batches"] = 100096 / batchSize,
            ["note"] = null,
        };
        string? note = batchSize == 1024 ? "too few batches for an interval: 97 of at least 128"
            : batchSize == 1 && baseline is 1 or 2 && batchSize == 1 ? "a batch of one has no other episodes" : null;
        if (note is not null)
        {
            row["note"] = note;
            foreach (string name in (string[])["trace", "traceInterval", "noiseScale", "noiseScaleInterval", "ratioToNone", "ratioInterval"])
                row[name] = null;
            return row;
        }

        double none = 118 * EstimatorScales[estimator] * growth * growth;
        // A baseline from the batch is worse in small batches: by (1 + 1/(B−1)), as a leave-one-out mean is.
        double trace = none * BaselineRatios[baseline] / batchSize * (baseline is 1 or 2 ? 1 + 1.0 / (batchSize - 1) : 1);
        double width = 0.01 + 0.002 * Math.Sqrt(batchSize);
        double norm = 2.5 * growth;
        double scale = batchSize * trace / norm;
        row["trace"] = trace;
        row["traceInterval"] = Around(trace, width);
        row["tensors"] = new JsonArray(new JsonObject { ["name"] = "policy.0.weight", ["trace"] = trace });
        row["gradientNormSquared"] = norm;
        row["gradientNormSquaredInterval"] = Around(norm, 0.1);
        row["signalToNoise"] = norm / trace;
        row["noiseScale"] = scale;
        // Where the norm cannot be told from 0 the noise scale has no upper bound.
        row["noiseScaleInterval"] = baseline == 0 && estimator == 0 ? new JsonArray(0.6 * scale, null) : Around(scale, 0.15);
        row["suggestedBatchSize"] = (int)scale;
        row["cosineBetween"] = norm / (norm + trace);
        row["cosineBetweenInterval"] = Around(norm / (norm + trace), 0.02);
        row["ratioToNone"] = trace * batchSize / none;
        row["ratioInterval"] = baseline == 0 ? new JsonArray(1.0, 1.0) : Around(trace * batchSize / none, 0.04 + width);
        row["lawTrace"] = baseline is 1 or 2 ? null : trace;
        row["bias"] = estimator == 1 ? 0.11 : 0;
        row["seconds"] = 1e-5 * batchSize * (1 + 0.1 * baseline);
        row["efficiency"] = 1 / (trace * 1e-5 * batchSize * (1 + 0.1 * baseline));
        return row;
    }

    private static JsonObject Split(string baseline, double state, double action, double trajectory) => new()
    {
        ["baseline"] = baseline,
        ["states"] = 1000,
        ["state"] = state,
        ["stateInterval"] = Around(state, 0.1),
        ["action"] = action,
        ["actionInterval"] = Around(action, 0.1),
        ["trajectory"] = trajectory,
        ["trajectoryInterval"] = Around(trajectory, 0.1),
        ["total"] = 1.02 * (state + action + trajectory),
        ["totalInterval"] = Around(1.02 * (state + action + trajectory), 0.08),
    };

    private static JsonArray Around(double value, double width) => new(value * (1 - width), value * (1 + width));
}
