using PgFast.Numerics;

namespace PgFast.Optimizers;

/// <summary>What an optimizer remembered before a step, so that the step can be taken back. Allocates nothing after construction.</summary>
/// <remarks>The step size is not a part of it: whoever schedules it sets it before every step.</remarks>
internal sealed class OptimizerSnapshot
{
    private readonly float[] _first;
    private readonly float[] _second;
    private (double, double) _powers;

    /// <summary>Room for what optimizers of a kind and size remember.</summary>
    public OptimizerSnapshot(OptimizerKind kind, int parameterCount)
    {
        _first = new float[parameterCount];
        _second = kind == OptimizerKind.Adam ? new float[parameterCount] : [];
    }

    /// <summary>Keeps what an optimizer remembers now.</summary>
    public void Take(Optimizer optimizer)
    {
        if (optimizer is Adam adam)
        {
            adam.FirstMoment.CopyTo(_first);
            adam.SecondMoment.CopyTo(_second);
            _powers = adam.Powers;
        }
        else
        {
            ((Sgd)optimizer).Velocity.CopyTo(_first);
        }
    }

    /// <summary>Has the optimizer remember what it did then.</summary>
    public void Restore(Optimizer optimizer)
    {
        if (optimizer is Adam adam)
        {
            _first.CopyTo(adam.FirstMoment);
            _second.CopyTo(adam.SecondMoment);
            adam.Powers = _powers;
        }
        else
        {
            _first.CopyTo(((Sgd)optimizer).Velocity);
        }
    }

    /// <summary>
    /// The first thing remembered that is infinite or NaN. The parameters may still be finite: a square that overflows makes Adam's steps there 0, for good and without a word.
    /// </summary>
    /// <param name="optimizer">After a step.</param>
    /// <returns>What it is called, and the parameter; null if all is finite.</returns>
    public static (string Quantity, int Parameter)? FirstNonFinite(Optimizer optimizer)
    {
        if (optimizer is Adam adam)
        {
            // m is a mean of gradients and v one of their squares: whatever makes the first overflow does so to the second.
            int parameter = FiniteCheck.FirstNonFinite(adam.SecondMoment);
            return parameter < 0 ? null : ("second moment", parameter);
        }

        int place = FiniteCheck.FirstNonFinite(((Sgd)optimizer).Velocity);
        return place < 0 ? null : ("velocity", place);
    }
}
