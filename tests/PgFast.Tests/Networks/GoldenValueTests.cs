using System.Text.Json;
using PgFast.Networks;
using PgFast.Numerics;
using PgFast.Reference;
using PgFast.Tests.Golden;
using PgFast.Tests.Support;

namespace PgFast.Tests.Networks;

/// <summary>Value networks and the gradient of their squared error against PyTorch autograd: engine and double reference.</summary>
public class GoldenValueTests
{
    private const double EngineTolerance = 2e-5;
    private const double ReferenceTolerance = 1e-12;

    private static readonly string[] Files = ["value_3_32_1_tanh", "value_4_32_1_relu", "value_4_32_1_tanh", "value_4_64_64_1_tanh"];

    public static TheoryData<string, int> Cases
    {
        get
        {
            TheoryData<string, int> rows = [];
            foreach (string name in Files)
            {
                foreach (int width in Widths.All)
                    rows.Add(name, width);
            }

            return rows;
        }
    }

    public static TheoryData<string> Names => [.. Files];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Engine_GoldenBatches_GivesTheGoldenValuesAndGradient(string name, int width)
    {
        (NetworkShape shape, double[] parameters, List<Batch> batches) = Load(name);
        foreach (Batch batch in batches)
        {
            (double[] values, double[] gradient) = Widths.Visit<Pass, (double[], double[])>(width, new Pass(shape, Closeness.ToSingle(parameters), batch));
            Closeness.AssertClose(batch.Values, values, EngineTolerance, "values");
            // The golden gradient is that of the loss, for descent; the engine's is for ascent.
            Closeness.AssertClose(batch.Gradient, Array.ConvertAll(gradient, value => -value), EngineTolerance, "gradient");
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Reference_GoldenBatches_GivesTheGoldenValuesAndGradient(string name)
    {
        (NetworkShape shape, double[] parameters, List<Batch> batches) = Load(name);
        ReferenceNetwork network = new([.. shape.Sizes], shape.Activation == Activation.Tanh ? ReferenceActivation.Tanh : ReferenceActivation.Relu);
        foreach (Batch batch in batches)
        {
            double[] gradient = new double[parameters.Length];
            double[] values = new double[batch.Targets.Length];
            for (int row = 0; row < values.Length; row++)
            {
                double[][] activations = network.Forward(parameters, batch.Observations[row]);
                values[row] = activations[^1][0];
                network.Backward(parameters, activations, [values[row] - batch.Targets[row]], gradient);
            }

            Closeness.AssertClose(batch.Values, values, ReferenceTolerance, "values");
            Closeness.AssertClose(batch.Gradient, gradient, ReferenceTolerance, "gradient");
        }
    }

    private static (NetworkShape Shape, double[] Parameters, List<Batch> Batches) Load(string name)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllText(GoldenFiles.PathOf("policy_gradient", name + ".json")));
        JsonElement root = document.RootElement;
        int[] sizes = [.. root.GetProperty("sizes").EnumerateArray().Select(size => size.GetInt32())];
        Activation activation = root.GetProperty("activation").GetString() == "tanh" ? Activation.Tanh : Activation.Relu;
        List<Batch> batches = [];
        foreach (JsonElement batch in root.GetProperty("batches").EnumerateArray())
        {
            batches.Add(new Batch(
                [.. Reals(batch, "obs").Chunk(sizes[0])], Reals(batch, "targets"), Reals(batch, "values"), Flatten(batch.GetProperty("grad"))));
        }

        return (new NetworkShape(sizes[0], sizes.AsSpan(1, sizes.Length - 2), 1, activation), Flatten(root.GetProperty("layers")), batches);
    }

    private static double[] Flatten(JsonElement layers) =>
        [.. layers.EnumerateArray().SelectMany(layer => Reals(layer, "W").Concat(Reals(layer, "b")))];

    private static double[] Reals(JsonElement parent, string name) => [.. parent.GetProperty(name).EnumerateArray().Select(element => element.GetDouble())];

    private sealed record Batch(double[][] Observations, double[] Targets, double[] Values, double[] Gradient);

    /// <summary>Forward and backward of a batch, in one row of up to 64 lanes.</summary>
    private readonly unsafe struct Pass(NetworkShape shape, float[] parameters, Batch batch) : ILaneVisitor<(double[], double[])>
    {
        public (double[], double[]) Visit<TLanes>() where TLanes : unmanaged, ILanes<TLanes>
        {
            int count = batch.Targets.Length, lanes = (count + 15) / 16 * 16;
            using NetworkParameters network = new(shape, mergeOutputs: false);
            parameters.CopyTo(network.Flat);
            network.Refresh();
            using DenseNetwork<TLanes> kernels = new(network, keepsActivations: true);
            using AlignedBuffer<float> observation = new((long)shape.InputSize * lanes), output = new(lanes), error = new(lanes);
            using AlignedBuffer<float> record = new(Math.Max(1, kernels.RecordSize * lanes));
            using AlignedBuffer<double> gradient = new(shape.ParameterCount);
            for (int lane = 0; lane < count; lane++)
            {
                for (int input = 0; input < shape.InputSize; input++)
                    observation.Span[input * lanes + lane] = (float)batch.Observations[lane][input];
            }

            kernels.Forward(observation.Pointer, output.Pointer, record.Pointer, lanes);
            for (int lane = 0; lane < count; lane++)
                error.Span[lane] = (float)batch.Targets[lane] - output.Span[lane];
            ulong live = ulong.MaxValue >> (64 - count);
            kernels.BeginGradient(gradient.Pointer);
            kernels.Accumulate(new GradientChunk
            {
                Observation = observation.Pointer,
                OutputGradient = error.Pointer,
                Record = record.Pointer,
                Live = &live,
                Rows = 1,
                Lanes = lanes,
            });
            kernels.EndGradient();
            return (Closeness.ToDouble(output.Span[..count].ToArray()), gradient.Span.ToArray());
        }
    }
}
