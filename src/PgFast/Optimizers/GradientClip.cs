using System.Runtime.CompilerServices;
namespace PgFast.Optimizers;

/// <summary>Limits the length of a gradient.</summary>
public static class GradientClip
{
    /// <summary>Scales a gradient down to a maximum norm if it is longer (Pascanu, Mikolov and Bengio 2013).</summary>
    /// <param name="gradient">Changed in place.</param>
    /// <param name="maximumNorm">Positive; +∞ never clips.</param>
    /// <returns>The norm before.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="maximumNorm"/> is not positive.</exception>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double Apply(Span<float> gradient, float maximumNorm)
    {
        if (!(maximumNorm > 0))
            throw new ArgumentOutOfRangeException(nameof(maximumNorm), maximumNorm, "The maximum norm must be positive.");
        double squares = 0;
        foreach (float value in gradient)
            squares += (double)value * value;
        double norm = Math.Sqrt(squares);
        if (norm > maximumNorm)
        {
            float scale = (float)(maximumNorm / norm);
            for (int i = 0; i < gradient.Length; i++)
                gradient[i] *= scale;
        }

        return norm;
    }
}
