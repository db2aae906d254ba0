using System.Text.Json;

namespace PgFast.Tests.Golden;

/// <summary>A batch of observations with everything PyTorch computed for it.</summary>
/// <param name="Observations">[row][in].</param>
/// <param name="Actions">[row].</param>
/// <param name="Weights">[row], what multiplies each log-probability.</param>
/// <param name="Outputs">[row][out], the logits.</param>
/// <param name="LogProbabilities">[row], of the actions.</param>
/// <param name="Entropies">[row], in nats.</param>
/// <param name="Probabilities">[row][out].</param>
/// <param name="WeightedLogProbabilityGradient">d/dθ Σ weight·logp, flat, in the order of the parameters.</param>
/// <param name="MeanEntropyGradient">d/dθ of the mean entropy, flat, in the order of the parameters.</param>
internal sealed record GoldenBatch(
    double[][] Observations,
    int[] Actions,
    double[] Weights,
    double[][] Outputs,
    double[] LogProbabilities,
    double[] Entropies,
    double[][] Probabilities,
    double[] WeightedLogProbabilityGradient,
    double[] MeanEntropyGradient)
{
    /// <summary>Number of rows.</summary>
    public int Count => Actions.Length;
}

/// <summary>Softmax policies and their gradients by PyTorch autograd in float64 (see <c>tests/golden/README.md</c>).</summary>
/// <param name="Name">File name without extension.</param>
/// <param name="Sizes">Inputs, hidden units, outputs.</param>
/// <param name="Activation"><c>tanh</c> or <c>relu</c>.</param>
/// <param name="Parameters">Flat: layer by layer the weight [out][in], then the bias [out]. Exact in float32.</param>
/// <param name="Batches">Batches of 1, 7 and 64 rows.</param>
internal sealed record GoldenPolicyGradient(
    string Name, int[] Sizes, string Activation, double[] Parameters, IReadOnlyList<GoldenBatch> Batches)
{
    /// <summary>Names of all softmax policies.</summary>
    public static IReadOnlyList<string> SoftmaxNames { get; } =
    [
        "softmax_4_32_2_relu",
        "softmax_4_32_2_tanh",
        "softmax_4_32_2_tanh_saturated",
        "softmax_4_64_64_2_tanh",
        "softmax_6_32_3_tanh",
    ];

    /// <summary>Reads one policy.</summary>
    /// <param name="name">One of <see cref="SoftmaxNames"/>.</param>
    public static GoldenPolicyGradient Load(string name)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllText(GoldenFiles.PathOf("policy_gradient", name + ".json")));
        JsonElement root = document.RootElement;
        int[] sizes = Integers(root.GetProperty("sizes"));
        return new GoldenPolicyGradient(
            name,
            sizes,
            root.GetProperty("activation").GetString()!,
            Flatten(root.GetProperty("layers")),
            [.. root.GetProperty("batches").EnumerateArray().Select(batch => Batch(batch, sizes[0], sizes[^1]))]);
    }

    private static GoldenBatch Batch(JsonElement batch, int inputs, int outputs) => new(
        Rows(batch.GetProperty("obs"), inputs),
        Integers(batch.GetProperty("actions")),
        Reals(batch.GetProperty("weights")),
        Rows(batch.GetProperty("net_out"), outputs),
        Reals(batch.GetProperty("logp")),
        Reals(batch.GetProperty("entropy")),
        Rows(batch.GetProperty("probs"), outputs),
        Flatten(batch.GetProperty("grad_sum_w_logp")),
        Flatten(batch.GetProperty("grad_mean_entropy")));

    private static double[] Flatten(JsonElement layers) =>
        [.. layers.EnumerateArray().SelectMany(layer => Reals(layer.GetProperty("W")).Concat(Reals(layer.GetProperty("b"))))];

    private static double[][] Rows(JsonElement flat, int width) => [.. Reals(flat).Chunk(width)];

    private static double[] Reals(JsonElement array) => [.. array.EnumerateArray().Select(element => element.GetDouble())];

    private static int[] Integers(JsonElement array) => [.. array.EnumerateArray().Select(element => element.GetInt32())];
}
