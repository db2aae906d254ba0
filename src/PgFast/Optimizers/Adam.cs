using System.Runtime.CompilerServices;
using PgFast.Numerics;

namespace PgFast.Optimizers;

/// <summary>Adam: θ ← θ + α·m̂/(√v̂ + ε), with bias-corrected running means m̂ of g and v̂ of g².</summary>
/// <remarks>Kingma and Ba (2015), algorithm 1, with the sign of ascent.</remarks>
public sealed unsafe class Adam : Optimizer
{
    private readonly float[] _first;
    private readonly float[] _second;
    private double _firstPower = 1;
    private double _secondPower = 1;

    /// <summary>Starts with zero moments.</summary>
    /// <param name="parameterCount">Length of the parameter vector, at least 1.</param>
    /// <param name="stepSize">α &gt; 0.</param>
    /// <param name="beta1">Decay of the first moment, in [0, 1).</param>
    /// <param name="beta2">Decay of the second moment, in [0, 1).</param>
    /// <param name="epsilon">Added to √v̂; positive.</param>
    /// <exception cref="ArgumentOutOfRangeException">A value is out of range.</exception>
    public Adam(int parameterCount, float stepSize, float beta1 = 0.9f, float beta2 = 0.999f, float epsilon = 1e-8f)
        : base(parameterCount, stepSize)
    {
        if (!(beta1 >= 0 && beta1 < 1))
            throw new ArgumentOutOfRangeException(nameof(beta1), beta1, "A decay lies in [0, 1).");
        if (!(beta2 >= 0 && beta2 < 1))
            throw new ArgumentOutOfRangeException(nameof(beta2), beta2, "A decay lies in [0, 1).");
        if (!(epsilon > 0) || !float.IsFinite(epsilon))
            throw new ArgumentOutOfRangeException(nameof(epsilon), epsilon, "Epsilon must be positive and finite.");
        Beta1 = beta1;
        Beta2 = beta2;
        Epsilon = epsilon;
        _first = new float[parameterCount];
        _second = new float[parameterCount];
    }

    /// <summary>β₁.</summary>
    public float Beta1 { get; }

    /// <summary>β₂.</summary>
    public float Beta2 { get; }

    /// <summary>ε.</summary>
    public float Epsilon { get; }

    /// <summary>[ParameterCount]; m.</summary>
    public Span<float> FirstMoment => _first;

    /// <summary>[ParameterCount]; v.</summary>
    public Span<float> SecondMoment => _second;

    /// <summary>β₁ᵏ and β₂ᵏ after k steps.</summary>
    internal (double First, double Second) Powers
    {
        get => (_firstPower, _secondPower);
        set => (_firstPower, _secondPower) = value;
    }

    /// <inheritdoc/>
    public override OptimizerState CaptureState() =>
        new(OptimizerKind.Adam, [_first.AsSpan().ToArray(), _second.AsSpan().ToArray()], [_firstPower, _secondPower]);

    /// <inheritdoc/>
    public override void RestoreState(OptimizerState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        state.Require(OptimizerKind.Adam, ParameterCount);
        state.Vectors[0].CopyTo(_first, 0);
        state.Vectors[1].CopyTo(_second, 0);
        (_firstPower, _secondPower) = (state.Powers[0], state.Powers[1]);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    protected override void Apply(Span<float> parameters, ReadOnlySpan<float> gradient)
    {
        // Powers by repeated multiplication: a library power function differs between operating systems.
        _firstPower *= Beta1;
        _secondPower *= Beta2;
        Factors factors = new(
            Beta1, 1 - Beta1, Beta2, 1 - Beta2, (float)(1 / (1 - _secondPower)), (float)(StepSize / (1 - _firstPower)), Epsilon);
        fixed (float* theta = parameters, g = gradient, m = _first, v = _second)
        {
            int i = 0;
            for (; i <= parameters.Length - 16; i += 16)
                Update<Lanes16>(theta + i, g + i, m + i, v + i, factors);
            for (; i < parameters.Length; i++)
                Update<Lanes1>(theta + i, g + i, m + i, v + i, factors);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Update<TLanes>(float* theta, float* g, float* m, float* v, in Factors factors) where TLanes : unmanaged, ILanes<TLanes>
    {
        TLanes gradient = TLanes.Load(g);
        TLanes first = TLanes.FusedMultiplyAdd(TLanes.Broadcast(factors.Keep1), TLanes.Load(m), TLanes.Broadcast(factors.Take1) * gradient);
        TLanes second = TLanes.FusedMultiplyAdd(
            TLanes.Broadcast(factors.Keep2), TLanes.Load(v), TLanes.Broadcast(factors.Take2) * (gradient * gradient));
        TLanes.Store(first, m);
        TLanes.Store(second, v);
        TLanes denominator = TLanes.Sqrt(second * TLanes.Broadcast(factors.Correction2)) + TLanes.Broadcast(factors.Epsilon);
        TLanes.Store(TLanes.Load(theta) + TLanes.Broadcast(factors.StepSize) * first / denominator, theta);
    }

    private readonly record struct Factors(
        float Keep1, float Take1, float Keep2, float Take2, float Correction2, float StepSize, float Epsilon);
}
