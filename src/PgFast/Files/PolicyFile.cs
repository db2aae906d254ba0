using System.Globalization;
using System.Numerics;
using PgFast.Environments;
using PgFast.Estimators;
using PgFast.Networks;
using PgFast.Policies;
using PgFast.Training;

namespace PgFast.Files;

/// <summary>A policy as it lies in a file: network, parameters, and where they come from.</summary>
/// <remarks>
/// A safetensors file of single-precision tensors <c>policy.K.weight</c> [out, in] and <c>policy.K.bias</c> [out] for layers
/// K = 0, 1, …, values in that order (no <c>bias</c> at all for a network without biases), then <c>policy.log_std</c> [dimension] for a
/// Gaussian whose σ is a free vector, and <c>observation.mean</c>, <c>observation.std</c> [in] where observations are scaled; with text
/// metadata <c>format</c>, <c>environment</c>, <c>activation</c>, <c>head</c> (<c>softmax</c> or <c>gaussian</c>), <c>actionScale</c>,
/// <c>seed</c> and <c>update</c>. A learned baseline is beside it as <c>value.K.weight</c> and <c>value.K.bias</c>, in units of reward, with
/// <c>valueActivation</c> and <c>valueReturn</c> (<c>total</c> or <c>reward-to-go</c>). A file that another tool wrote with the same names loads too; its metadata may be missing.
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

    /// <summary>V that was learned beside the policy; null where there is none.</summary>
    /// <exception cref="ArgumentException">It takes other inputs than the policy, with or without t/T.</exception>
    public ValueFunction? Value
    {
        get;
        init
        {
            if (value?.Fits(Shape.InputSize) == false)
                throw new ArgumentException($"The policy {Shape} has other inputs than the value function {value.Shape}.", nameof(value));
            field = value;
        }
    }

    /// <summary>Name of the environment, as the command line spells it; null if unknown.</summary>
    public string? Environment { get; init; }

    /// <summary>Seed of the run; null if unknown.</summary>
    public ulong? Seed { get; init; }

    /// <summary>Updates done; null if unknown.</summary>
    public long? Update { get; init; }

    /// <summary>The policy of a trainer as it is now, with the V that it learns beside it.</summary>
    /// <param name="trainer">Between two updates.</param>
    /// <param name="environment">The environment's name on the command line, so that <c>pgfast evaluate</c> knows it; null to name none.</param>
    public static PolicyFile FromTrainer(Trainer trainer, string? environment = null)
    {
        ArgumentNullException.ThrowIfNull(trainer);
        return new PolicyFile(trainer.Shape, trainer.Parameters)
        {
            Distribution = trainer.Distribution,
            ObservationScaling = trainer.ObservationScaling,
            ActionScale = trainer.Options.ActionScale,
            Environment = environment,
            Seed = trainer.Options.Seed,
            Update = trainer.UpdateCount,
            Value = trainer.CreateValueFunction(),
        };
    }

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
        LayerTensors.Add(tensors, "policy", Shape, _parameters);
        if (Shape.FreeOutputSize > 0)
            tensors.Add(new SafeTensor(LogDeviationName, [Shape.FreeOutputSize], _parameters.AsSpan(Shape.FreeOutputOffset)));
        if (ObservationScaling is { } scaling)
        {
            tensors.Add(new SafeTensor(MeanName, [Shape.InputSize], scaling.Mean));
            tensors.Add(new SafeTensor(DeviationName, [Shape.InputSize], scaling.Deviation));
        }

        if (Value is { } value)
            ValueTensors.Add(tensors, metadata, value);
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
    /// Finds the policy in a document, and the value function if there is one; tensors of other names are ignored. Without any <c>policy.K.bias</c> it is a
    /// network without biases.
    /// </summary>
    /// <param name="document">The document.</param>
    /// <param name="activation">The activation to assume where the document does not name one; null for none.</param>
    /// <exception cref="SafeTensorsException">It does not hold a policy.</exception>
    public static PolicyFile FromSafeTensors(SafeTensors document, Activation? activation = null)
    {
        ArgumentNullException.ThrowIfNull(document);
        List<(SafeTensor Weight, SafeTensor? Bias)> layers = LayerTensors.Find(document, "policy", LogDeviationName);
        if (layers.Count == 0)
            throw new SafeTensorsException("The file holds no policy: the tensor policy.0.weight is missing.");
        ActionDistribution distribution = DistributionOf(document, layers[^1].Weight);
        int[] hidden = LayerTensors.HiddenSizes(layers);
        if (document.Metadata.TryGetValue("activation", out string? name))
            activation = ActivationOf(name);
        else if (hidden.Length == 0)
            activation ??= Activation.Relu;
        if (activation is null)
            throw new SafeTensorsException("The file does not name the activation of its hidden layers.");

        bool hasBias = layers[0].Bias is not null;
        NetworkShape shape = distribution.CreateShape(layers[0].Weight.Shape[1], hidden, activation.Value, hasBias);
        float[] parameters = LayerTensors.Parameters(layers, shape);
        document.Find(LogDeviationName)?.Values.CopyTo(parameters.AsSpan(shape.FreeOutputOffset));
        return new PolicyFile(shape, parameters)
        {
            Distribution = distribution,
            ObservationScaling = ScalingOf(document, shape.InputSize),
            ActionScale = ActionScaleOf(document),
            Environment = document.Metadata.GetValueOrDefault("environment"),
            Seed = NumberIn<ulong>(document, "seed"),
            Update = NumberIn<long>(document, "update"),
            Value = ValueTensors.Find(document, shape),
        };
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

    private static T? NumberIn<T>(SafeTensors document, string key) where T : struct, INumberBase<T> =>
        T.TryParse(document.Metadata.GetValueOrDefault(key), NumberStyles.None, CultureInfo.InvariantCulture, out T number) ? number : null;

    internal static string NameOf(Activation activation) => activation == Activation.Tanh ? "tanh" : "relu";

    internal static Activation ActivationOf(string name) => name switch
    {
        "tanh" => Activation.Tanh,
        "relu" => Activation.Relu,
        _ => throw new SafeTensorsException($"The activation '{name}' is unknown; known are tanh and relu."),
    };
}
