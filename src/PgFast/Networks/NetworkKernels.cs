using PgFast.Numerics;

namespace PgFast.Networks;

/// <summary>Forward and backward of one network for one worker: parameters are shared, scratch memory is its own.</summary>
/// <remarks>Chosen once by shape and lane width in <see cref="Create"/>; every implementation is held to the same reference by tests.</remarks>
internal abstract unsafe class NetworkKernels : IDisposable
{
    protected NetworkKernels(NetworkParameters parameters) => Parameters = parameters;

    public NetworkParameters Parameters { get; }

    /// <summary>32-bit words a lane and step that <see cref="Forward"/> records for the gradient; may be 0.</summary>
    public abstract int RecordSize { get; }

    /// <summary>Time steps × lanes that one <see cref="Accumulate"/> should hold; depends on the shape alone.</summary>
    public abstract int ChunkSteps { get; }

    /// <summary>Picks up changed parameters; called by each worker before its first shard of a phase.</summary>
    public virtual void Refresh()
    {
    }

    /// <summary>Computes the effective outputs of one row of lanes.</summary>
    /// <param name="observation">[in][lane].</param>
    /// <param name="output">[EffectiveOutputs][lane]; overwritten.</param>
    /// <param name="record">[RecordSize × lanes], in an order that is the network's own; overwritten.</param>
    /// <param name="lanes">A multiple of 16, at most 64.</param>
    public abstract void Forward(float* observation, float* output, float* record, int lanes);

    /// <summary>Starts a gradient.</summary>
    /// <param name="gradient">[ParameterCount]; complete only after <see cref="EndGradient"/>; accumulated into.</param>
    public abstract void BeginGradient(double* gradient);

    /// <summary>Adds the gradient of Σ outputGradient·output over a chunk of time steps.</summary>
    /// <param name="chunk">What to differentiate; at most <see cref="ChunkSteps"/> rows × lanes.</param>
    public abstract void Accumulate(in GradientChunk chunk);

    /// <summary>Completes the gradient.</summary>
    public abstract void EndGradient();

    public abstract void Dispose();

    /// <summary>The fastest implementation for this network and the lane width in use.</summary>
    /// <param name="parameters">Shared by all workers.</param>
    /// <param name="keepsActivations">
    /// Whether the forward pass may record hidden activations for the gradient, which otherwise computes them again: the same bits, less
    /// memory, more time.
    /// </param>
    public static NetworkKernels Create(NetworkParameters parameters, bool keepsActivations) =>
        LaneWidth.Dispatch<Factory, NetworkKernels>(new Factory(parameters, keepsActivations));

    /// <summary>The one place where shape and activation choose an implementation; each is held to the one for any network by tests.</summary>
    internal static NetworkKernels Choose<TLanes>(NetworkParameters parameters, bool keepsActivations) where TLanes : unmanaged, ILanes<TLanes> =>
        HiddenReluNetwork<TLanes>.Handles(parameters) ? new HiddenReluNetwork<TLanes>(parameters)
        : HiddenTanhNetwork<TLanes>.Handles(parameters) ? new HiddenTanhNetwork<TLanes>(parameters, keepsActivations)
        : new DenseNetwork<TLanes>(parameters, keepsActivations);

    private readonly struct Factory(NetworkParameters parameters, bool keepsActivations) : ILaneVisitor<NetworkKernels>
    {
        public NetworkKernels Visit<TLanes>() where TLanes : unmanaged, ILanes<TLanes> => Choose<TLanes>(parameters, keepsActivations);
    }
}

/// <summary>A few consecutive time steps of a trajectory, and the gradient of the objective by the network's outputs there.</summary>
internal readonly unsafe struct GradientChunk
{
    /// <summary>[row][in][lane].</summary>
    public required float* Observation { get; init; }

    /// <summary>[row][EffectiveOutputs][lane]; zero in idle lanes.</summary>
    public required float* OutputGradient { get; init; }

    /// <summary>[row][RecordSize × lanes], as recorded by the forward pass.</summary>
    public required float* Record { get; init; }

    /// <summary>[row]; bit k is set where lane k holds a step.</summary>
    public required ulong* Live { get; init; }

    public required int Rows { get; init; }

    public required int Lanes { get; init; }
}
