using System.Runtime.CompilerServices;
using PgFast.Numerics;

namespace PgFast.Optimizers;

/// <summary>Gradient ascent with momentum: v ← μ·v + g; θ ← θ + α·v.</summary>
/// <remarks>Polyak (1964), in the form without dampening that deep-learning libraries use.</remarks>
public sealed unsafe class Sgd : Optimizer
{
    private readonly float[] _velocity;

    /// <summary>Starts with zero velocity.</summary>
    /// <param name="parameterCount">Length of the parameter vector, at least 1.</param>
    /// <param name="stepSize">α &gt; 0.</param>
    /// <param name="momentum">μ in [0, 1).</param>
    /// <exception cref="ArgumentOutOfRangeException">A value is out of range.</exception>
    public Sgd(int parameterCount, float stepSize, float momentum = 0)
        : base(parameterCount, stepSize)
    {
        if (!(momentum >= 0 && momentum < 1))
            throw new ArgumentOutOfRangeException(nameof(momentum), momentum, "Momentum lies in [0, 1).");
        Momentum = momentum;
        _velocity = new float[parameterCount];
    }

    /// <summary>μ.</summary>
    public float Momentum { get; }

    /// <summary>[ParameterCount]; v.</summary>
    public Span<float> Velocity => _velocity;

    /// <inheritdoc/>
    public override OptimizerState CaptureState() => new(OptimizerKind.Sgd, [_velocity.AsSpan().ToArray()], []);

    /// <inheritdoc/>
    public override void RestoreState(OptimizerState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        state.Require(OptimizerKind.Sgd, ParameterCount);
        state.Vectors[0].CopyTo(_velocity, 0);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    protected override void Apply(Span<float> parameters, ReadOnlySpan<float> gradient)
    {
        fixed (float* theta = parameters, g = gradient, v = _velocity)
        {
            int i = 0;
            for (; i <= parameters.Length - 16; i += 16)
                Update<Lanes16>(theta + i, g + i, v + i);
            for (; i < parameters.Length; i++)
                Update<Lanes1>(theta + i, g + i, v + i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Update<TLanes>(float* theta, float* g, float* v) where TLanes : unmanaged, ILanes<TLanes>
    {
        TLanes velocity = TLanes.FusedMultiplyAdd(TLanes.Broadcast(Momentum), TLanes.Load(v), TLanes.Load(g));
        TLanes.Store(velocity, v);
        TLanes.Store(TLanes.FusedMultiplyAdd(TLanes.Broadcast(StepSize), velocity, TLanes.Load(theta)), theta);
    }
}
