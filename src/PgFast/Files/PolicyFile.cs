using System.Globalization;
using System.Numerics;
using PgFast.Environments;
using PgFast.Networks;
using PgFast.Policies;

namespace PgFast.Files;

/// <summary>A policy as it lies in a file: network, parameters, and where they come from.</summary>
/// <remarks>
/// A safetensors file of single-precision tensors <c>policy.K.weight</c> [out, in] and <c>policy.K.bias</c> [out] for layers
/// K = 0, 1, …, values in that order (no <c>bias</c> at all for a network without biases), then <c>policy.log_std</c> [dimension] for a
/// Gaussian whose σ is a free vector, and <c>observation.mean</c>, <c>observation.std</c> [in] where observations are scaled; with text
/// metadata <c>format</c>, <c>environment</c>, <c>activation</c>, <c>head</c> (<c>softmax</c> or <c>gaussian</c>), <c>actionScale</c>,
/// <c>seed</c> and <c>update</c>. A file that another tool wrote with the same names loads too; its metadata may be missing.
/// </remarks>
public sealed class PolicyFile
{
    /// <summary>Value of the metadata entry <c>format</c>.</summary>
    public const string Format = "pgfast-policy-1";

    private const string LogDeviationName = "policy.log_std";
    private const string MeanName = "observation.mean";
    private const string DeviationName = "observation.std";

    private readonly float[] _parameters;
    private readonly ActionDistribution? _distribution;

    /// <summary>Describes a policy to be saved.</summary>
    /// <param name="shape">The network.</param>
    /// <param name="parameters">[ParameterCount], finite, in file order; copied.</param>
    /// <exception cref="ArgumentException">The length is wrong or a value is not finite.</exception>
    public PolicyFile(NetworkShape shape, ReadOnlySpan<float> parameters)
    {
        ArgumentNullException.ThrowIfNull(shape);
        if (parameters.Length != shape.ParameterCount)
            throw new ArgumentException($"The network {shape} has {shape.ParameterCount} parameters.", nameof(parameters));
        foreach (float value in parameters)
        {
            if (!float.IsFinite(value))
                throw new ArgumentException("A parameter is not finite.", nameof(parameters));
        }

        Shape = shape;
        _parameters = parameters.ToArray();
    }

    /// <summary>The network.</summary>
    public NetworkShape Shape { get; }

    /// <summary>[ParameterCount], in file order.</summary>
    public ReadOnlySpan<float> Parameters => _parameters;

    /// <summary>What the network's outputs mean; a softmax unless set.</summary>
    /// <exception cref="ArgumentException">The network has other outputs than it takes.</exception>
    public ActionDistribution Distribution
    {
        get => _distribution ?? ActionDistribution.Softmax(Shape.OutputSize);
        init
        {
            ArgumentNullException.ThrowIfNull(value);
            if (!value.Fits(Shape))
                throw new ArgumentException($"The network {Shape} has other outputs than the distribution takes.", nameof(value));
            _distribution = value;
        }
    }

    /// <summary>What observations are scaled by; null for nothing.</summary>
    public ObservationScaling? ObservationScaling { get; init; }

    /// <summary>What a Gaussian's draws are multiplied by to give the environment's action.</summary>
    public float ActionScale { get; init; } = 1;

    /// <summary>Name of the environment, as the command line spells it; null if unknown.</summary>
    public string? Environment { get; init; }

    /// <summary>Seed of the run; null if unknown.</summary>
    public ulong? Seed { get; init; }

    /// <summary>Updates done; null if unknown.</summary>
    public long? Update { get; init; }

    /// <summary>A policy that acts; the caller disposes it.</summary>
    public Policy CreatePolicy() => new(Shape, _parameters, Distribution, ObservationScaling, ActionScale);

    /// <summary>Writes the file: under a temporary name in the same directory, flushed to the disk, then renamed.</summary>
    /// <param name="path">Where to; replaced if it exists.</param>
    /// <exception cref="IOException">It cannot be written; a file that was there before is unchanged.</exception>
    /// <exception cref="UnauthorizedAccessException">It must not be written.</exception>
    public void Save(string path) => ToSafeTensors().Save(path);

    /// <summary>The file's content.</summary>
    public SafeTensors ToSafeTensors()
    {
        Dictionary<string, string> metadata = new()
        {
            ["format"] = Format,
            ["activation"] = NameOf(Shape.Activation),
            ["head"] = Distribution.IsDiscrete ? "softmax" : "gaussian",
        };
        if (!Distribution.IsDiscrete)
            metadata["actionScale"] = ActionScale.ToString(CultureInfo.InvariantCulture);
        if (Environment is not null)
            metadata["environment"] = Environment;
        if (Seed is { } seed)
            metadata["seed"] = seed.ToString(CultureInfo.InvariantCulture);
        if (Update is { } update)
            metadata["update"] = update.ToString(CultureInfo.InvariantCulture);

        List<SafeTensor> tensors = [];
        for (int layer = 0; layer < Shape.LayerCount; layer++)
        {
            int inputs = Shape.InputSizeOf(layer), outputs = Shape.OutputSizeOf(layer);
            tensors.Add(new SafeTensor(
                $"policy.{layer}.weight", [outputs, inputs], _parameters.AsSpan(Shape.WeightOffset(layer), inputs * outputs)));
            if (Shape.HasBias)
                tensors.Add(new SafeTensor($"policy.{layer}.bias", [outputs], _parameters.AsSpan(Shape.BiasOffset(layer), outputs)));
        }

        if (Shape.FreeOutputSize > 0)
            tensors.Add(new SafeTensor(LogDeviationName, [Shape.FreeOutputSize], _parameters.AsSpan(Shape.FreeOutputOffset)));
        if (ObservationScaling is { } scaling)
        {
            tensors.Add(new SafeTensor(MeanName, [Shape.InputSize], scaling.Mean));
            tensors.Add(new SafeTensor(DeviationName, [Shape.InputSize], scaling.Deviation));
        }

        return new SafeTensors(tensors, metadata);
    }

    /// <summary>Reads a file.</summary>
    /// <param name="path">Where it is.</param>
    /// <param name="activation">The activation to assume where the file does not name one; null for none.</param>
    /// <exception cref="SafeTensorsException">It does not hold a policy.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It must not be read.</exception>
    public static PolicyFile Load(string path, Activation? activation = null) => FromSafeTensors(SafeTensors.Load(path), activation);

    /// <summary>
    /// Finds the policy in a document; tensors of other names than <c>policy.K.…</c> are ignored. Without any <c>policy.K.bias</c> it is a
    /// network without biases.
    /// </summary>
    /// <param name="document">The document.</param>
    /// <param name="activation">The activation to assume where the document does not name one; null for none.</param>
    /// <exception cref="SafeTensorsException">It does not hold a policy.</exception>
    public static PolicyFile FromSafeTensors(SafeTensors document, Activation? activation = null)
    {
        ArgumentNullException.ThrowIfNull(document);
        List<(SafeTensor Weight, SafeTensor? Bias)> layers = Layers(document);
        ActionDistribution distribution = DistributionOf(document, layers[^1].Weight);
        int[] hidden = new int[layers.Count - 1];
        for (int layer = 0; layer < hidden.Length; layer++)
            hidden[layer] = layers[layer].Weight.Shape[0];
        if (document.Metadata.TryGetValue("activation", out string? name))
            activation = ActivationOf(name);
        else if (hidden.Length == 0)
            activation ??= Activation.Relu;
        if (activation is null)
            throw new SafeTensorsException("The file does not name the activation of its hidden layers.");

        bool hasBias = layers[0].Bias is not null;
        NetworkShape shape = distribution.CreateShape(layers[0].Weight.Shape[1], hidden, activation.Value, hasBias);
        float[] parameters = new float[shape.ParameterCount];
        for (int layer = 0; layer < layers.Count; layer++)
        {
            layers[layer].Weight.Values.CopyTo(parameters.AsSpan(shape.WeightOffset(layer)));
            layers[layer].Bias?.Values.CopyTo(parameters.AsSpan(shape.BiasOffset(layer)));
        }

        document.Find(LogDeviationName)?.Values.CopyTo(parameters.AsSpan(shape.FreeOutputOffset));
        return new PolicyFile(shape, parameters)
        {
            Distribution = distribution,
            ObservationScaling = ScalingOf(document, shape.InputSize),
            ActionScale = ActionScaleOf(document),
            Environment = document.Metadata.GetValueOrDefault("environment"),
            Seed = NumberIn<ulong>(document, "seed"),
            Update = NumberIn<long>(document, "update"),
        };
    }

    /// <summary>The layers' tensors, checked to fit one another; all of them have a bias, or none has.</summary>
    private static List<(SafeTensor Weight, SafeTensor? Bias)> Layers(SafeTensors document)
    {
        List<(SafeTensor Weight, SafeTensor? Bias)> layers = [];
        bool hasBias = document.Tensors.Any(IsBias);
        HashSet<SafeTensor> used = [];
        while (document.Find($"policy.{layers.Count}.weight") is { } weight)
        {
            if (weight.Shape.Length != 2 || weight.Shape[0] == 0 || weight.Shape[1] == 0)
                throw new SafeTensorsException($"{weight.Name} should be a matrix [out, in]; it is {weight.ShapeText}.");
            if (layers.Count > 0 && weight.Shape[1] != layers[^1].Weight.Shape[0])
            {
                int below = layers[^1].Weight.Shape[0];
                throw new SafeTensorsException(
                    $"{weight.Name} should be [out, {below}], as the layer below has that many outputs; it is {weight.ShapeText}.");
            }

            SafeTensor? bias = hasBias ? BiasOf(document, layers.Count, weight) : null;
            layers.Add((weight, bias));
            used.Add(weight);
            if (bias is not null)
                used.Add(bias);
        }

        if (layers.Count == 0)
            throw new SafeTensorsException("The file holds no policy: the tensor policy.0.weight is missing.");
        if (document.Find(LogDeviationName) is { } logDeviation)
            used.Add(logDeviation);
        foreach (SafeTensor tensor in document.Tensors)
        {
            if (tensor.Name.StartsWith("policy.", StringComparison.Ordinal) && !used.Contains(tensor))
                throw new SafeTensorsException($"The tensor {tensor.Name} belongs to no layer.");
        }

        return layers;
    }

    /// <summary>What the outputs mean: as the metadata say; without them, a Gaussian if there is a free log σ, else a softmax.</summary>
    private static ActionDistribution DistributionOf(SafeTensors document, SafeTensor lastWeight)
    {
        int outputs = lastWeight.Shape[0];
        SafeTensor? logDeviation = document.Find(LogDeviationName);
        string head = document.Metadata.GetValueOrDefault("head") ?? (logDeviation is null ? "softmax" : "gaussian");
        switch (head)
        {
            case "softmax" when logDeviation is not null:
                throw new SafeTensorsException($"The tensor {LogDeviationName} does not belong to a softmax.");
            case "softmax" when outputs < 2:
                throw new SafeTensorsException($"{lastWeight.Name} should have at least two outputs, one for each action.");
            case "softmax":
                return ActionDistribution.Softmax(outputs);
            case "gaussian" when logDeviation is not null && (logDeviation.Shape.Length != 1 || logDeviation.Shape[0] != outputs):
                throw new SafeTensorsException($"{LogDeviationName} should be [{outputs}]; it is {logDeviation.ShapeText}.");
            case "gaussian" when logDeviation is not null:
                return ActionDistribution.Gaussian(outputs, StandardDeviationSource.Free);
            case "gaussian" when outputs % 2 != 0:
                throw new SafeTensorsException($"{lastWeight.Name} should have an even number of outputs, a mean and a log σ for each dimension.");
            case "gaussian":
                return ActionDistribution.Gaussian(outputs / 2, StandardDeviationSource.StateDependent);
            default:
                throw new SafeTensorsException($"The policy's head is '{head}'; known are softmax and gaussian.");
        }
    }

    private static ObservationScaling? ScalingOf(SafeTensors document, int inputs)
    {
        SafeTensor? mean = document.Find(MeanName), deviation = document.Find(DeviationName);
        if (mean is null && deviation is null)
            return null;
        foreach ((string name, SafeTensor? tensor) in new[] { (MeanName, mean), (DeviationName, deviation) })
        {
            if (tensor is null)
                throw new SafeTensorsException($"The tensor {name} is missing: observations are centred and divided, or neither.");
            if (tensor.Shape.Length != 1 || tensor.Shape[0] != inputs)
                throw new SafeTensorsException($"{name} should be [{inputs}]; it is {tensor.ShapeText}.");
        }

        try
        {
            return new ObservationScaling(mean!.Values, deviation!.Values);
        }
        catch (ArgumentException exception)
        {
            throw new SafeTensorsException($"{DeviationName} should be positive: {exception.Message}");
        }
    }

    private static float ActionScaleOf(SafeTensors document)
    {
        if (!document.Metadata.TryGetValue("actionScale", out string? text))
            return 1;
        if (float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out float scale) && scale > 0 && float.IsFinite(scale))
            return scale;
        throw new SafeTensorsException($"The actionScale is '{text}'; it should be a positive number.");
    }

    private static SafeTensor BiasOf(SafeTensors document, int layer, SafeTensor weight)
    {
        string name = $"policy.{layer}.bias";
        SafeTensor bias = document.Find(name)
            ?? throw new SafeTensorsException($"The tensor {name} is missing: layers have a bias each, or none has.");
        if (bias.Shape.Length != 1 || bias.Shape[0] != weight.Shape[0])
            throw new SafeTensorsException($"{name} should be [{weight.Shape[0]}]; it is {bias.ShapeText}.");
        return bias;
    }

    private static bool IsBias(SafeTensor tensor) =>
        tensor.Name.StartsWith("policy.", StringComparison.Ordinal) && tensor.Name.EndsWith(".bias", StringComparison.Ordinal);

    private static T? NumberIn<T>(SafeTensors document, string key) where T : struct, INumberBase<T> =>
        T.TryParse(document.Metadata.GetValueOrDefault(key), NumberStyles.None, CultureInfo.InvariantCulture, out T number) ? number : null;

    private static string NameOf(Activation activation) => activation == Activation.Tanh ? "tanh" : "relu";

    private static Activation ActivationOf(string name) => name switch
    {
        "tanh" => Activation.Tanh,
        "relu" => Activation.Relu,
        _ => throw new SafeTensorsException($"The activation '{name}' is unknown; known are tanh and relu."),
    };
}
