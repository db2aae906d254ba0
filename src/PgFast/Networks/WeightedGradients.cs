using PgFast.Numerics;

namespace PgFast.Networks;

/// <summary>Σ_t w_kt ∇f(s_t) over the samples of an episode, for several weightings k of the same scores at once.</summary>
/// <remarks>
/// Samples of consecutive steps lie side by side. An episode's sums depend on its own samples alone: the same bits at any lane width, wherever the
/// episode lies among others. Every implementation is held to the same reference by tests.
/// </remarks>
internal abstract unsafe class WeightedGradients(NetworkParameters parameters, int columns) : IDisposable
{
    public NetworkParameters Parameters { get; } = parameters;

    /// <summary>Where the components of a gradient are.</summary>
    public GradientLayout Layout { get; } = new(parameters);

    /// <summary>Number of weightings.</summary>
    public int Columns { get; } = columns;

    /// <summary>Length of the memory that <see cref="Accumulate"/> writes: layer by layer [column][component].</summary>
    public int GradientLength => Columns * Layout.Length;

    /// <summary>Samples that may be loaded at once: a multiple of 16, and the distance between the weights of two columns.</summary>
    public abstract int MaximumSamples { get; }

    /// <summary>32-bit words a sample, as recorded by the forward pass of <see cref="NetworkKernels"/>, that <see cref="Load"/> reads; may be 0.</summary>
    public abstract int RecordSize { get; }

    /// <summary>Takes samples.</summary>
    /// <param name="samples">Kept and read until the next call.</param>
    public abstract void Load(in GradientSamples samples);

    /// <summary>Takes the weights of the loaded samples.</summary>
    /// <param name="weight">[column][MaximumSamples], and up to 15 floats beyond, which are read; kept until the next call.</param>
    public abstract void Weigh(float* weight);

    /// <summary>The gradients of consecutive loaded samples.</summary>
    /// <param name="first">First sample.</param>
    /// <param name="count">How many; all <see cref="MaximumSamples"/> where the episode goes on after them.</param>
    /// <param name="gradient">[GradientLength]; overwritten, or accumulated into.</param>
    /// <param name="continues">Whether to accumulate: the samples go on with the episode of the last call.</param>
    public abstract void Accumulate(int first, int count, float* gradient, bool continues);

    public abstract void Dispose();

    public static WeightedGradients Create(NetworkParameters parameters, int columns) =>
        LaneWidth.Dispatch<Factory, WeightedGradients>(new Factory(parameters, columns));

    /// <summary>The one place where shape and activation choose an implementation.</summary>
    private static WeightedGradients Choose<TLanes>(NetworkParameters parameters, int columns) where TLanes : unmanaged, ILanes<TLanes> =>
        HiddenReluNetwork<TLanes>.Handles(parameters)
            ? new HiddenReluWeightedGradients<TLanes>(parameters, columns)
            : new DenseWeightedGradients<TLanes>(parameters, columns);

    internal readonly struct Factory(NetworkParameters parameters, int columns) : ILaneVisitor<WeightedGradients>
    {
        public WeightedGradients Visit<TLanes>() where TLanes : unmanaged, ILanes<TLanes> => Choose<TLanes>(parameters, columns);
    }
}

/// <summary>Consecutive steps of one or several episodes. Up to 15 samples beyond the last may be read.</summary>
internal readonly unsafe struct GradientSamples
{
    /// <summary>[feature][sample].</summary>
    public required float* Observation { get; init; }

    /// <summary>[EffectiveOutputs][sample]; the score by the network's outputs.</summary>
    public required float* OutputGradient { get; init; }

    /// <summary>[RecordSize][sample].</summary>
    public required float* Record { get; init; }

    /// <summary>Floats between rows of each of these.</summary>
    public required nint Stride { get; init; }

    /// <summary>At most <see cref="WeightedGradients.MaximumSamples"/>.</summary>
    public required int Count { get; init; }
}
