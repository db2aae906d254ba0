using System.Globalization;
using PgFast.Networks;
using PgFast.Training;

namespace PgFast.Benchmarks.Workloads;

/// <summary>Policies of any shape that do not change: the untrained one, and one that balances CartPole for some hundred steps.</summary>
/// <remarks>
/// The balancing one stands for a trained one. It is written down instead, so that it is at hand at once, is the same kind for every network,
/// and does not change when training does. Two units of each hidden layer
/// carry +u and −u of a linear rule u to the output; all others have random weights and hardly a say, but cost the same arithmetic.
/// </remarks>
internal static class FrozenPolicy
{
    /// <summary>The policy that a trainer starts from by default.</summary>
    public const string Untrained = "untrained";

    /// <summary>The policy written down here.</summary>
    public const string Balancing = "balancing";

    /// <summary>Logit difference per unit of u: larger balances longer.</summary>
    private const float Gain = 12;

    /// <summary>u = k·(x, ẋ, θ, θ̇).</summary>
    private static ReadOnlySpan<float> Rule => [0.02f, 0.06f, 0.5f, 0.25f];

    /// <summary>A network from its name, such as <c>4-32-2 relu</c>.</summary>
    /// <param name="name">Sizes joined by hyphens, a space, the activation.</param>
    public static NetworkShape ShapeOf(string name)
    {
        string[] parts = name.Split(' ');
        int[] sizes = [.. parts[0].Split('-').Select(size => int.Parse(size, CultureInfo.InvariantCulture))];
        return new NetworkShape(sizes[0], sizes.AsSpan(1, sizes.Length - 2), sizes[^1], Enum.Parse<Activation>(parts[1], ignoreCase: true));
    }

    /// <summary>The parameters, ready for kernels.</summary>
    /// <param name="shape">4 inputs, at least one hidden layer of at least two units, 2 outputs.</param>
    /// <param name="policy"><see cref="Untrained"/> or <see cref="Balancing"/>.</param>
    public static NetworkParameters ParametersOf(NetworkShape shape, string policy = Balancing)
    {
        NetworkParameters parameters = new(shape, mergeOutputs: true);
        Parameters(shape, policy).CopyTo(parameters.Flat);
        parameters.Refresh();
        return parameters;
    }

    /// <summary>The parameters in file order, [ParameterCount].</summary>
    /// <param name="shape">4 inputs, at least one hidden layer of at least two units, 2 outputs.</param>
    /// <param name="policy"><see cref="Untrained"/> or <see cref="Balancing"/>.</param>
    public static float[] Parameters(NetworkShape shape, string policy)
    {
        float[] parameters = new float[shape.ParameterCount];
        if (policy == Balancing)
        {
            Balance(parameters, shape);
            return parameters;
        }

        TrainerOptions defaults = new();
        NetworkInitializer.Initialize(parameters, shape, defaults.Initialization, defaults.OutputScale, defaults.Seed);
        return parameters;
    }

    private static void Balance(Span<float> parameters, NetworkShape shape)
    {
        NetworkInitializer.Initialize(parameters, shape, Initialization.FanIn, outputScale: 0.01f, seed: 7);
        int last = shape.LayerCount - 1;
        for (int layer = 0; layer < last; layer++)
        {
            int inputs = shape.InputSizeOf(layer);
            Span<float> plus = parameters.Slice(shape.WeightOffset(layer), inputs);
            Span<float> minus = parameters.Slice(shape.WeightOffset(layer) + inputs, inputs);
            plus.Clear();
            minus.Clear();
            if (layer == 0)
            {
                for (int input = 0; input < inputs; input++)
                {
                    plus[input] = Rule[input];
                    minus[input] = -Rule[input];
                }
            }
            else
            {
                plus[0] = 1;
                minus[1] = 1;
            }
        }

        // relu(u) − relu(−u) is u, tanh(u) − tanh(−u) nearly twice that.
        float gain = shape.Activation == Activation.Relu ? Gain : Gain / 2;
        int width = shape.InputSizeOf(last);
        Span<float> right = parameters.Slice(shape.WeightOffset(last) + width, width);
        right[0] = gain;
        right[1] = -gain;
    }
}
