using PgFast.Randomness;

namespace PgFast.Reference;

/// <summary>What a hidden layer does to its sums.</summary>
public enum ReferenceActivation
{
    /// <summary>tanh(z), derivative 1 − tanh²(z).</summary>
    Tanh,

    /// <summary>max(0, z), derivative 1 where z &gt; 0 and 0 elsewhere.</summary>
    Relu,
}

/// <summary>A fully connected network, y = W·x + b layer by layer, with the activation after every layer but the last.</summary>
/// <remarks>
/// The parameters θ are one flat vector that the caller owns: layer by layer the weight [out][in] and then the bias [out]. Without
/// biases b is 0 and θ holds weights alone. The network itself is only the shape, so the same one can be asked about any θ. Not meant to be
/// fast: every call allocates. Thread-safe.
/// </remarks>
public sealed class ReferenceNetwork
{
    private readonly int[] _sizes;

    /// <summary>A network of the given layer sizes.</summary>
    /// <param name="sizes">Number of inputs, of units in each hidden layer (none: a linear network), of outputs; at least 1 each.</param>
    /// <param name="activation">Activation of the hidden layers.</param>
    /// <param name="hasBias">Whether layers have biases.</param>
    /// <exception cref="ArgumentException">There are fewer than two sizes, or one is not positive.</exception>
    public ReferenceNetwork(IReadOnlyList<int> sizes, ReferenceActivation activation, bool hasBias = true)
    {
        ArgumentNullException.ThrowIfNull(sizes);
        if (sizes.Count < 2 || sizes.Any(size => size < 1))
        {
            throw new ArgumentException("At least an input and an output size are needed, all positive.", nameof(sizes));
        }

        _sizes = [.. sizes];
        Activation = activation;
        HasBias = hasBias;
        for (int layer = 0; layer < LayerCount; layer++)
        {
            ParameterCount += _sizes[layer + 1] * _sizes[layer] + BiasSizeOf(layer);
        }
    }

    /// <summary>Number of inputs, of units in each hidden layer, of outputs.</summary>
    public IReadOnlyList<int> Sizes => _sizes;

    /// <summary>Activation of the hidden layers.</summary>
    public ReferenceActivation Activation { get; }

    /// <summary>Whether every layer has a bias.</summary>
    public bool HasBias { get; }

    /// <summary>Number of layers that have parameters: one less than there are sizes.</summary>
    public int LayerCount => _sizes.Length - 1;

    /// <summary>Length of the flat parameter vector.</summary>
    public int ParameterCount { get; }

    /// <summary>Draws initial parameters: weights uniform in ±1/√(inputs of the layer), biases zero.</summary>
    /// <param name="seed">The run's seed; weight number k of the flat vector comes from word 0 of block k of its own stream.</param>
    /// <returns>[ParameterCount].</returns>
    public double[] InitialParameters(ulong seed)
    {
        double[] parameters = new double[ParameterCount];
        int index = 0;
        for (int layer = 0; layer < LayerCount; layer++)
        {
            int inputs = _sizes[layer], outputs = _sizes[layer + 1];
            double limit = 1.0 / Math.Sqrt(inputs);
            for (int weight = 0; weight < inputs * outputs; weight++, index++)
            {
                double uniform = Philox.Uniform(Philox.Generate(seed, RandomStream.Initialization, (ulong)index, 0).Word0);
                parameters[index] = (2.0 * uniform - 1.0) * limit;
            }

            index += BiasSizeOf(layer);
        }

        return parameters;
    }

    /// <summary>Computes the output and keeps what <see cref="Backward"/> needs.</summary>
    /// <param name="parameters">θ [ParameterCount].</param>
    /// <param name="input">[Sizes[0]].</param>
    /// <returns>[LayerCount + 1][size]: the input, the activations of each hidden layer, and last the output.</returns>
    /// <exception cref="ArgumentException">A length does not fit the network.</exception>
    public double[][] Forward(double[] parameters, double[] input)
    {
        Check(parameters, nameof(parameters), ParameterCount);
        Check(input, nameof(input), _sizes[0]);
        double[][] activations = new double[LayerCount + 1][];
        activations[0] = input;
        int weight = 0;
        for (int layer = 0; layer < LayerCount; layer++)
        {
            int inputs = _sizes[layer], outputs = _sizes[layer + 1];
            int bias = weight + outputs * inputs;
            double[] x = activations[layer];
            double[] y = new double[outputs];
            for (int o = 0; o < outputs; o++)
            {
                double sum = HasBias ? parameters[bias + o] : 0.0;
                for (int i = 0; i < inputs; i++)
                {
                    sum += parameters[weight + o * inputs + i] * x[i];
                }

                y[o] = layer == LayerCount - 1 ? sum : Activate(sum);
            }

            activations[layer + 1] = y;
            weight = bias + BiasSizeOf(layer);
        }

        return activations;
    }

    /// <summary>Adds the gradient of Σ_o outputGradient[o] · output[o] with respect to θ to <paramref name="gradient"/>.</summary>
    /// <param name="parameters">θ [ParameterCount], the same as in <see cref="Forward"/>.</param>
    /// <param name="activations">What <see cref="Forward"/> returned.</param>
    /// <param name="outputGradient">[outputs]; not changed.</param>
    /// <param name="gradient">[ParameterCount], accumulated into, in the order of the parameters.</param>
    /// <exception cref="ArgumentException">A length does not fit the network.</exception>
    /// <remarks>The chain rule from the last layer to the first: ∂/∂W = δ·xᵀ, ∂/∂b = δ, and δ of the layer below = (Wᵀ·δ) ⊙ f′.</remarks>
    public void Backward(double[] parameters, double[][] activations, double[] outputGradient, double[] gradient)
    {
        ArgumentNullException.ThrowIfNull(activations);
        Check(parameters, nameof(parameters), ParameterCount);
        Check(outputGradient, nameof(outputGradient), _sizes[^1]);
        Check(gradient, nameof(gradient), ParameterCount);
        double[] delta = outputGradient;
        int end = ParameterCount;
        for (int layer = LayerCount - 1; layer >= 0; layer--)
        {
            int inputs = _sizes[layer], outputs = _sizes[layer + 1];
            int bias = end - BiasSizeOf(layer);
            int weight = bias - outputs * inputs;
            double[] x = activations[layer];
            double[] deltaBelow = new double[inputs];
            for (int o = 0; o < outputs; o++)
            {
                if (HasBias)
                {
                    gradient[bias + o] += delta[o];
                }

                for (int i = 0; i < inputs; i++)
                {
                    gradient[weight + o * inputs + i] += delta[o] * x[i];
                    deltaBelow[i] += delta[o] * parameters[weight + o * inputs + i];
                }
            }

            if (layer > 0)
            {
                for (int i = 0; i < inputs; i++)
                {
                    deltaBelow[i] *= DerivativeFromActivated(x[i]);
                }
            }

            delta = deltaBelow;
            end = weight;
        }
    }

    private int BiasSizeOf(int layer) => HasBias ? _sizes[layer + 1] : 0;

    private static void Check(double[] vector, string name, int length)
    {
        ArgumentNullException.ThrowIfNull(vector, name);
        if (vector.Length != length)
        {
            throw new ArgumentException($"Length is {vector.Length}, {length} is needed.", name);
        }
    }

    private double Activate(double sum) => Activation == ReferenceActivation.Tanh ? Math.Tanh(sum) : Math.Max(0.0, sum);

    // Both derivatives can be had from the activated value alone: tanh′ = 1 − y², and y > 0 exactly where the sum was.
    private double DerivativeFromActivated(double y) => Activation == ReferenceActivation.Tanh ? 1.0 - y * y : y > 0.0 ? 1.0 : 0.0;
}
