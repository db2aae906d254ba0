using System.Globalization;
using PgFast.Environments;
using PgFast.Files;
using PgFast.Measurement;
using PgFast.Networks;
using PgFast.Policies;
using PgFast.Training;

namespace PgFast.Export;

/// <summary>A policy as an ONNX model, for other runtimes to act with.</summary>
/// <remarks>
/// <para>
/// Operator set 17, IR version 8. Input <c>observation</c> [batch, in], float, in the environment's units: the scaling of observations is
/// part of the graph. Outputs of a softmax: <c>logits</c> [batch, actions], <c>probabilities</c> [batch, actions], <c>action</c> [batch],
/// 64-bit integers, the most probable one and of equals the first. Outputs of a Gaussian: <c>mean</c> and <c>standard_deviation</c>
/// [batch, dimension], in the environment's unit of action, not clipped to any limits. The size of <c>batch</c> is the caller's.
/// </para>
/// <para>
/// Constants have the names of <see cref="PolicyFile"/>. Metadata: <c>environment</c>, <c>seed</c>, <c>update</c> where known,
/// <c>activation</c>, <c>head</c>, <c>actionScale</c> of a Gaussian, <c>parameterHash</c>. Equal policies give equal bytes. Results agree
/// with <see cref="Policy"/> up to rounding, not to the bit: a runtime has its own order of summation and its own exponential. Where log σ
/// is so large that σ overflows, a runtime may give its largest number in place of infinity.
/// </para>
/// </remarks>
public static class OnnxPolicy
{
    private const int IrVersion = 8;
    private const int OperatorSetVersion = 17;

    // Protocol buffers end at 2³¹ bytes; 2²⁰ are more than names and nodes of 10,000 layers take.
    private const int MostParameters = (int.MaxValue - (1 << 20)) / sizeof(float);

    /// <summary>Writes the model.</summary>
    /// <param name="policy">The policy.</param>
    /// <param name="stream">Where to.</param>
    /// <exception cref="ArgumentException">See <see cref="ToArray"/>.</exception>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static void Write(PolicyFile policy, Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        stream.Write(ToArray(policy));
    }

    /// <summary>Writes the file: under a temporary name in the same directory, flushed to the disk, then renamed.</summary>
    /// <param name="policy">The policy.</param>
    /// <param name="path">Where to; replaced if it exists.</param>
    /// <exception cref="ArgumentException">See <see cref="ToArray"/>.</exception>
    /// <exception cref="IOException">It cannot be written; a file that was there before is unchanged.</exception>
    /// <exception cref="UnauthorizedAccessException">It must not be written.</exception>
    public static void Save(PolicyFile policy, string path) => AtomicFile.Write(path, ToArray(policy));

    /// <summary>The file's bytes.</summary>
    /// <param name="policy">The policy.</param>
    /// <exception cref="ArgumentException">
    /// The policy's scaling has other features than the network has inputs, its action scale is not positive and finite, or the model would
    /// pass the format's limit of 2 GiB.
    /// </exception>
    public static byte[] ToArray(PolicyFile policy)
    {
        ExportedPolicy.Require(policy);
        if (policy.Shape.ParameterCount > MostParameters)
            throw new ArgumentException("The network is too large: an ONNX file has at most 2 GiB.", nameof(policy));
        ProtobufMessage model = new();
        model.Add(ModelField.IrVersion, IrVersion);
        model.Add(ModelField.ProducerName, "PgFast").Add(ModelField.ProducerVersion, MachineDescription.PgFastVersion());
        model.Add(ModelField.Graph, Graph(policy).ToMessage("policy"));
        model.Add(ModelField.OperatorSet, new ProtobufMessage().Add(OperatorSetField.Version, OperatorSetVersion));
        foreach ((string key, string value) in Metadata(policy))
            model.Add(ModelField.Metadata, new ProtobufMessage().Add(EntryField.Key, key).Add(EntryField.Value, value));
        return model.Bytes.ToArray();
    }

    private static OnnxGraph Graph(PolicyFile policy)
    {
        OnnxGraph graph = new();
        string observation = graph.Input("observation", policy.Shape.InputSize);
        string last = Layers(graph, policy, Scaled(graph, policy.ObservationScaling, observation));
        if (policy.Distribution.IsDiscrete)
            Softmax(graph, policy.Distribution.Size, last);
        else
            Gaussian(graph, policy, last);
        return graph;
    }

    private static string Scaled(OnnxGraph graph, ObservationScaling? scaling, string observation)
    {
        if (scaling is null)
            return observation;
        string mean = graph.Constant("observation.mean", [scaling.Mean.Length], scaling.Mean);
        string deviation = graph.Constant("observation.std", [scaling.Deviation.Length], scaling.Deviation);
        string centred = graph.Node("Sub", [observation, mean], "observation.centred");
        return graph.Node("Div", [centred, deviation], "observation.scaled");
    }

    /// <summary>Adds the network; its last layer's result is named after the head.</summary>
    private static string Layers(OnnxGraph graph, PolicyFile policy, string value)
    {
        NetworkShape shape = policy.Shape;
        for (int layer = 0; layer < shape.LayerCount; layer++)
        {
            int inputs = shape.InputSizeOf(layer), outputs = shape.OutputSizeOf(layer);
            bool isLast = layer == shape.LayerCount - 1;
            string weight = graph.Constant($"policy.{layer}.weight", [outputs, inputs], ExportedPolicy.Weight(policy, layer));
            string[] operands = shape.HasBias
                ? [value, weight, graph.Constant($"policy.{layer}.bias", [outputs], ExportedPolicy.Bias(policy, layer))]
                : [value, weight];
            string sum = isLast && policy.Distribution.IsDiscrete ? "logits" : $"policy.{layer}.output";
            value = graph.Node("Gemm", operands, sum, ("transB", 1));
            if (!isLast)
                value = graph.Node(shape.Activation == Activation.Tanh ? "Tanh" : "Relu", [value], $"policy.{layer}.activation");
        }

        return value;
    }

    private static void Softmax(OnnxGraph graph, int actions, string logits)
    {
        string probabilities = graph.Node("Softmax", [logits], "probabilities", ("axis", 1));
        // Of the logits: two probabilities may both have rounded to the same number where the logits still differ.
        string action = graph.Node("ArgMax", [logits], "action", ("axis", 1), ("keepdims", 0), ("select_last_index", 0));
        graph.Output(logits, actions);
        graph.Output(probabilities, actions);
        graph.IndexOutput(action);
    }

    private static void Gaussian(OnnxGraph graph, PolicyFile policy, string outputs)
    {
        int dimension = policy.Distribution.Size;
        string scale = graph.Constant("action.scale", [1], [policy.ActionScale]);
        if (policy.Distribution.FreeOutputs > 0)
        {
            string mean = graph.Node("Mul", [outputs, scale], "mean");
            // σ is the same for every observation: a constant, repeated for each.
            string deviation = graph.Constant("action.standard_deviation", [1, dimension], ExportedPolicy.FreeDeviation(policy));
            graph.Node("Expand", [deviation, graph.Node("Shape", [mean], "mean.shape")], "standard_deviation");
        }
        else
        {
            string halves = graph.Constant("policy.halves", dimension, dimension);
            graph.Node("Split", [outputs, halves], ["policy.mean", "policy.log_std"], ("axis", 1));
            graph.Node("Mul", ["policy.mean", scale], "mean");
            graph.Node("Mul", [graph.Node("Exp", ["policy.log_std"], "policy.std"), scale], "standard_deviation");
        }

        graph.Output("mean", dimension);
        graph.Output("standard_deviation", dimension);
    }

    private static IEnumerable<(string Key, string Value)> Metadata(PolicyFile policy)
    {
        if (policy.Environment is not null)
            yield return ("environment", policy.Environment);
        yield return ("activation", ExportedPolicy.ActivationName(policy));
        yield return ("head", ExportedPolicy.HeadName(policy));
        if (!policy.Distribution.IsDiscrete)
            yield return ("actionScale", policy.ActionScale.ToString(CultureInfo.InvariantCulture));
        if (policy.Seed is { } seed)
            yield return ("seed", seed.ToString(CultureInfo.InvariantCulture));
        if (policy.Update is { } update)
            yield return ("update", update.ToString(CultureInfo.InvariantCulture));
        yield return ("parameterHash", Trainer.ParameterHashOf(policy.Parameters));
    }
}
