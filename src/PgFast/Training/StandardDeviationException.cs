using System.Globalization;
using PgFast.Policies;

namespace PgFast.Training;

/// <summary>The standard deviation of a Gaussian policy collapsed to 0 or overflowed. The parameters are still those before the update.</summary>
public sealed class StandardDeviationException : NonFiniteException
{
    /// <summary>Largest |log σ| of a policy that can be trained: beyond it 1/σ² or σ² is no ordinary number for long.</summary>
    public const float LargestLogarithm = ActionDistribution.LargestLogDeviation;

    /// <summary>Says which update, which tensor and which value.</summary>
    /// <param name="update">Number of the update, from 1.</param>
    /// <param name="tensor">Name of the tensor that log σ comes from.</param>
    /// <param name="logarithm">log σ; where it depends on the state, the one farthest from zero.</param>
    public StandardDeviationException(long update, string tensor, float logarithm)
        : base(update, "log σ", tensor, Text(update, tensor, logarithm)) => Logarithm = logarithm;

    /// <summary>log σ; where it depends on the state, the one farthest from zero.</summary>
    public float Logarithm { get; }

    private static string Text(long update, string tensor, float logarithm)
    {
        string limit = LargestLogarithm.ToString(CultureInfo.InvariantCulture);
        string value = logarithm.ToString(CultureInfo.InvariantCulture);
        return $"Update {update}: log σ of {tensor} became {value}, outside ±{limit}: the standard deviation "
            + (logarithm < 0 ? "collapsed" : "overflowed")
            + $". The policy of update {update - 1} is kept.";
    }
}
