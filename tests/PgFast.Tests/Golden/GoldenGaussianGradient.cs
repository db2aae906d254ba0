using System.Text.Json;

namespace PgFast.Tests.Golden;

/// <summary>A batch of observations with everything PyTorch computed for a Gaussian policy; see <see cref="GoldenBatch"/>.</summary>
/// <param name="Observations">[row][in].</param>
/// <param name="Actions">[row][dimension].</param>
/// <param name="Weights">[row], what multiplies each log-probability.</param>
/// <param name="LogProbabilities">[row], of the actions.</param>
/// <param name="Entropies">[row], in nats.</param>
/// <param name="WeightedLogProbabilityGradient">d/dθ Σ weight·logp, flat, in the order of the parameters.</param>
/// <param name="MeanEntropyGradient">d/dθ of the mean entropy, flat, in the order of the parameters.</param>
internal sealed record GoldenGaussianBatch(
    double[][] Observations,
    double[][] Actions,
    double[] Weights,
    double[] LogProbabilities,
    double[] Entropies,
    double[] WeightedLogProbabilityGradient,
    double[] MeanEntropyGradient)
{
    /// <summary>Number of rows.</summary>
    public int Count => Actions.Length;
}

/// <summary>Gaussian policies and their gradients by PyTorch autograd in float64 (see <c>tests/golden/README.md</c>).</summary>
/// <param name="Sizes">Inputs, hidden units, outputs of the last layer; tanh between them.</param>
/// <param name="Dimension">Dimension of an action.</param>
/// <param name="FreeSize">Number of free log σ; 0 for a head.</param>
/// <param name="Parameters">Flat: the network's, then the free log σ. Exact in float32.</param>
/// <param name="Batches">Batches of 1, 7 and 64 rows.</param>
internal sealed record GoldenGaussianGradient(
    int[] Sizes, int Dimension, int FreeSize, double[] Parameters, IReadOnlyList<GoldenGaussianBatch> Batches)
{
    /// <summary>Names of all Gaussian policies.</summary>
    public static IReadOnlyList<string> Names { get; } = ["gauss_3_32_1_tanh_head", "gauss_3_32_1_tanh_indep", "gauss_3_32_2act_tanh_indep"];

    /// <summary>Reads one policy.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    public static GoldenGaussianGradient Load(string name)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllText(GoldenFiles.PathOf("policy_gradient", name + ".json")));
        JsonElement root = document.RootElement;
        int[] sizes = [.. root.GetProperty("sizes").EnumerateArray().Select(size => size.GetInt32())];
        double[] free = Optional(root, "log_std");
        Assert.Equal("tanh", root.GetProperty("activation").GetString());
        Assert.Equal(free.Length > 0 ? "gauss_indep" : "gauss_head", root.GetProperty("kind").GetString());
        int dimension = free.Length > 0 ? free.Length : sizes[^1] / 2;
        return new GoldenGaussianGradient(
            sizes, dimension, free.Length, [.. Flatten(root.GetProperty("layers")), .. free],
            [.. root.GetProperty("batches").EnumerateArray().Select(batch => Batch(batch, sizes[0], dimension))]);
    }

    private static GoldenGaussianBatch Batch(JsonElement batch, int inputs, int dimension) => new(
        [.. Reals(batch.GetProperty("obs")).Chunk(inputs)],
        [.. Reals(batch.GetProperty("actions")).Chunk(dimension)],
        Reals(batch.GetProperty("weights")),
        Reals(batch.GetProperty("logp")),
        Reals(batch.GetProperty("entropy")),
        [.. Flatten(batch.GetProperty("grad_sum_w_logp")), .. Optional(batch, "grad_sum_w_logp_log_std")],
        [.. Flatten(batch.GetProperty("grad_mean_entropy")), .. Optional(batch, "grad_mean_entropy_log_std")]);

    private static IEnumerable<double> Flatten(JsonElement layers) =>
        layers.EnumerateArray().SelectMany(layer => Reals(layer.GetProperty("W")).Concat(Reals(layer.GetProperty("b"))));

    private static double[] Optional(JsonElement parent, string name) => parent.TryGetProperty(name, out JsonElement array) ? Reals(array) : [];

    private static double[] Reals(JsonElement array) => [.. array.EnumerateArray().Select(element => element.GetDouble())];
}
