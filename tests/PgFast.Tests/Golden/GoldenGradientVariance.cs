using System.Text.Json;

namespace PgFast.Tests.Golden;

/// <summary>One estimator with its baseline in the golden file.</summary>
/// <param name="Name">Such as <c>rtg_gt/time_mean</c>.</param>
/// <param name="MeanGradient">[226].</param>
/// <param name="MeanGradientError">[226]; standard errors.</param>
/// <param name="NormSquared">‖mean gradient‖², unbiased.</param>
/// <param name="Trace">Trace of the covariance of one episode's gradient.</param>
/// <param name="TraceError">Its standard error.</param>
/// <param name="Blocks">The trace by tensor: W1, b1, W2, b2.</param>
/// <param name="Batches">By batch size: the trace of the variance of the mean of so many episodes, and its standard error.</param>
internal sealed record GoldenEstimator(
    string Name,
    double[] MeanGradient,
    double[] MeanGradientError,
    double NormSquared,
    double Trace,
    double TraceError,
    double[] Blocks,
    IReadOnlyDictionary<int, (double Trace, double Error)> Batches);

/// <summary>Baseline from the batch's own mean return: B times the trace, its standard error, and the norm of the mean gradient.</summary>
internal sealed record GoldenInBatch(double TraceTimesSize, double Error, double MeanNorm);

/// <summary>A given episode and its gradient by each estimator.</summary>
internal sealed record GoldenEpisode(
    double[][] Observations, int[] Actions, double[] LogProbabilities, IReadOnlyDictionary<string, double[]> Gradients);

/// <summary>The variance of CartPole gradients of a frozen policy, measured elsewhere in double precision.</summary>
internal sealed record GoldenGradientVariance
{
    public required int[] Sizes { get; init; }

    /// <summary>[226] in file order.</summary>
    public required double[] Parameters { get; init; }

    public required double Discount { get; init; }

    public required long Episodes { get; init; }

    public required double MeanReturn { get; init; }

    public required double StepMeanReturn { get; init; }

    /// <summary>[500].</summary>
    public required double[] TimeMean { get; init; }

    public required (double Mean, double Error) EpisodeLength { get; init; }

    public required IReadOnlyDictionary<string, GoldenEstimator> Estimators { get; init; }

    /// <summary>By batch size.</summary>
    public required IReadOnlyDictionary<int, (GoldenInBatch OwnIncluded, GoldenInBatch LeaveOneOut)> InBatch { get; init; }

    public required GoldenEpisode[] FixedEpisodes { get; init; }

    public static GoldenGradientVariance Load()
    {
        string path = GoldenFiles.PathOf("gradient_variance", "cartpole_gradient_variance.json");
        using JsonDocument document = JsonDocument.Parse(File.ReadAllText(path));
        JsonElement root = document.RootElement, policy = root.GetProperty("policy"), baselines = root.GetProperty("baselines");
        int[] sizes = [.. policy.GetProperty("sizes").EnumerateArray().Select(element => element.GetInt32())];
        JsonElement length = root.GetProperty("episode_length");
        return new GoldenGradientVariance
        {
            Sizes = sizes,
            Parameters =
            [
                .. policy.GetProperty("layers").EnumerateArray()
                    .SelectMany(layer => Reals(layer.GetProperty("W")).Concat(Reals(layer.GetProperty("b")))),
            ],
            Discount = Real(root, "gamma"),
            Episodes = root.GetProperty("episodes").GetInt64(),
            MeanReturn = Real(baselines, "E_G0"),
            StepMeanReturn = Real(baselines, "step_mean_G"),
            TimeMean = Reals(baselines.GetProperty("time_mean")),
            EpisodeLength = (Real(length, "mean"), Real(length, "mean_se")),
            Estimators = root.GetProperty("estimators").EnumerateObject().ToDictionary(e => e.Name, e => Estimator(e.Name, e.Value)),
            InBatch = root.GetProperty("in_batch_constant_baseline_total_return").EnumerateObject()
                .ToDictionary(
                    b => int.Parse(b.Name),
                    b => (InBatchOf(b.Value.GetProperty("own_included")), InBatchOf(b.Value.GetProperty("leave_one_out")))),
            FixedEpisodes = [.. root.GetProperty("fixed_episodes").EnumerateArray().Select(episode => Episode(episode, sizes[0]))],
        };
    }

    private static GoldenEstimator Estimator(string name, JsonElement element) => new(
        name,
        Reals(element.GetProperty("mean_gradient")),
        Reals(element.GetProperty("mean_gradient_se")),
        Real(element, "mean_norm_sq_unbiased"),
        Real(element, "trace_cov"),
        Real(element, "trace_cov_se"),
        [.. new[] { "W1", "b1", "W2", "b2" }.Select(block => Real(element.GetProperty("trace_cov_by_block"), block))],
        element.GetProperty("batch").EnumerateObject()
            .ToDictionary(b => int.Parse(b.Name), b => (Real(b.Value, "trace_var"), Real(b.Value, "se"))));

    private static GoldenInBatch InBatchOf(JsonElement element) =>
        new(Real(element, "trace_var_times_B"), Real(element, "se"), Real(element, "mean_norm"));

    private static GoldenEpisode Episode(JsonElement element, int features) => new(
        [.. Reals(element.GetProperty("obs")).Chunk(features)],
        [.. element.GetProperty("actions").EnumerateArray().Select(action => action.GetInt32())],
        Reals(element.GetProperty("logp")),
        element.GetProperty("gradients").EnumerateObject().ToDictionary(g => g.Name, g => Reals(g.Value)));

    private static double Real(JsonElement parent, string name) => parent.GetProperty(name).GetDouble();

    private static double[] Reals(JsonElement array) => [.. array.EnumerateArray().Select(element => element.GetDouble())];
}
