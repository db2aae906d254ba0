using PgFast.Estimators;
using PgFast.Numerics;

namespace PgFast.Variance;

/// <summary>Baselines fitted on a pilot sample: fixed numbers from then on, so that they bias no estimator.</summary>
internal sealed unsafe class FittedBaselines : IDisposable
{
    private readonly int _length;
    private readonly AlignedBuffer<double> _perParameter;

    public FittedBaselines(int observationSize, int steps, int length)
    {
        _length = length;
        _perParameter = new AlignedBuffer<double>(3L * length);
        TimeTotal = new float[steps];
        TimeToGo = new float[steps];
        Linear = new LinearBaseline(observationSize);
    }

    /// <summary>Mean of G_0.</summary>
    public double Mean { get; set; }

    /// <summary>[estimator]; the constant of least variance.</summary>
    public double[] Optimal { get; } = new double[3];

    /// <summary>[step]; mean of G_0 over the episodes that reach the step.</summary>
    public float[] TimeTotal { get; }

    /// <summary>[step]; mean of G_t over the episodes that reach the step.</summary>
    public float[] TimeToGo { get; }

    /// <summary>Linear in features of observation and time.</summary>
    public LinearBaseline Linear { get; }

    /// <summary>Networks of observation and time; null where no row asks for them.</summary>
    public ValueNetworks? Values { get; init; }

    /// <summary>[length]; the constants of least variance, each for its component.</summary>
    public double* PerParameter(Estimator estimator) => _perParameter.Pointer + (nint)(int)estimator * _length;

    public void Dispose()
    {
        _perParameter.Dispose();
        Values?.Dispose();
    }
}
