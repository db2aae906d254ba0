using System.Globalization;
using PgFast.Networks;

namespace PgFast.Benchmarks.Workloads;

/// <summary>Policies of any shape that balance CartPole for some hundred steps: every network sees the same kind of episodes.</summary>
/// <remarks>
/// Written down instead of trained, so that they are at hand at once and do not change when training does. Two units of each hidden layer
/// carry +u and −u of a linear rule u to the output; all others have random weights and hardly a say, but cost the same arithmetic.
/// </remarks>
internal static class FrozenPolicy
{
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
    public static NetworkParameters ParametersOf(NetworkShape shape)
    {
        NetworkParameters parameters = new(shape, mergeOutputs: true);
        Fill(parameters.Flat, shape);
        parameters.Refresh();
        return parameters;
    }

    /// <summary>Writes the parameters.</summary>
    /// <param name="parameters">[ParameterCount], overwritten.</param>
    /// <param name="shape">4 inputs, at least one hidden layer of at least two units, 2 outputs.</param>
    public static void Fill(Span<float> parameters, NetworkShape shape)
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
