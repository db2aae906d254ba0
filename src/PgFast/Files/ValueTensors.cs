using PgFast.Estimators;
using PgFast.Networks;

namespace PgFast.Files;

/// <summary>A value function beside a policy: tensors <c>value.K.weight</c>, <c>value.K.bias</c> in units of reward, and what they predict.</summary>
/// <remarks>
/// Its inputs are the policy's, as scaled, and with one more t/T. Metadata: <c>valueActivation</c>, by default the policy's; and
/// <c>valueReturn</c>, <c>total</c> for G_0 or <c>reward-to-go</c> for G_t, which is the default.
/// </remarks>
internal static class ValueTensors
{
    private const string Prefix = "value";
    private const string ActivationKey = "valueActivation";
    private const string ReturnKey = "valueReturn";
    private const string TotalName = "total";
    private const string ToGoName = "reward-to-go";

    /// <summary>Adds a value function to what a file will hold.</summary>
    public static void Add(List<SafeTensor> tensors, Dictionary<string, string> metadata, ValueFunction value)
    {
        LayerTensors.Add(tensors, Prefix, value.Shape, value.Parameters);
        metadata[ActivationKey] = PolicyFile.NameOf(value.Shape.Activation);
        metadata[ReturnKey] = value.Estimator == Estimator.Total ? TotalName : ToGoName;
    }

    /// <summary>The value function of a document, or null.</summary>
    /// <param name="document">The document.</param>
    /// <param name="policy">The policy's network.</param>
    /// <exception cref="SafeTensorsException">Its tensors do not fit one another or the policy.</exception>
    public static ValueFunction? Find(SafeTensors document, NetworkShape policy)
    {
        List<(SafeTensor Weight, SafeTensor? Bias)> layers = LayerTensors.Find(document, Prefix);
        if (layers.Count == 0)
            return null;
        SafeTensor first = layers[0].Weight, last = layers[^1].Weight;
        int inputs = first.Shape[1];
        if (inputs != policy.InputSize && inputs != policy.InputSize + 1)
        {
            throw new SafeTensorsException(
                $"{first.Name} should be [out, {policy.InputSize}], or [out, {policy.InputSize + 1}] with the time, as the policy has"
                + $" {policy.InputSize} inputs; it is {first.ShapeText}.");
        }

        if (last.Shape[0] != 1)
            throw new SafeTensorsException($"{last.Name} should have one output, the value; it is {last.ShapeText}.");
        Activation activation = document.Metadata.TryGetValue(ActivationKey, out string? name) ? PolicyFile.ActivationOf(name) : policy.Activation;
        NetworkShape shape = new(inputs, LayerTensors.HiddenSizes(layers), 1, activation, layers[0].Bias is not null);
        return new ValueFunction(shape, LayerTensors.Parameters(layers, shape), ReturnOf(document));
    }

    private static Estimator ReturnOf(SafeTensors document) => document.Metadata.GetValueOrDefault(ReturnKey) switch
    {
        null or ToGoName => Estimator.RewardToGo,
        TotalName => Estimator.Total,
        string other => throw new SafeTensorsException($"The {ReturnKey} is '{other}'; known are {TotalName} and {ToGoName}."),
    };
}
