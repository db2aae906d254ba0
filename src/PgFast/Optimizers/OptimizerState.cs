namespace PgFast.Optimizers;

/// <summary>All that an optimizer remembers between steps, so that a run can go on with the same bits.</summary>
/// <param name="Kind">Which optimizer.</param>
/// <param name="Vectors">Adam: m and v; SGD: the velocity. Each [ParameterCount].</param>
/// <param name="Powers">Adam: β₁ᵏ and β₂ᵏ after k steps; SGD: nothing.</param>
public sealed record OptimizerState(OptimizerKind Kind, IReadOnlyList<float[]> Vectors, IReadOnlyList<double> Powers)
{
    /// <summary>Checks that a state is one of an optimizer of that kind and size.</summary>
    /// <param name="kind">The kind.</param>
    /// <param name="parameterCount">The size.</param>
    /// <exception cref="ArgumentException">It is not, or a value is out of range.</exception>
    internal void Require(OptimizerKind kind, int parameterCount)
    {
        int vectors = kind == OptimizerKind.Adam ? 2 : 1, powers = kind == OptimizerKind.Adam ? 2 : 0;
        if (Kind != kind || Vectors.Count != vectors || Powers.Count != powers)
            throw new ArgumentException($"The state is one of {Kind} with {Vectors.Count} vectors and {Powers.Count} powers, not of {kind}.");
        foreach (float[] vector in Vectors)
        {
            if (vector.Length != parameterCount)
                throw new ArgumentException($"The state is of {vector.Length} parameters, not of {parameterCount}.");
            foreach (float value in vector)
            {
                if (!float.IsFinite(value))
                    throw new ArgumentException("The state holds a value that is not finite.");
            }
        }

        foreach (double power in Powers)
        {
            if (power is not (>= 0 and <= 1))
                throw new ArgumentException($"A power of a decay lies in [0, 1], not at {power}.");
        }
    }
}
