namespace PgFast.Training;

/// <summary>A gradient, a parameter or what an optimizer remembers became infinite or NaN. All is as it was before the update: the next one is as if this one had never been.</summary>
public class NonFiniteException : Exception
{
    /// <summary>Says which update and which tensor.</summary>
    /// <param name="update">Number of the update, from 1.</param>
    /// <param name="quantity">"gradient", "parameters", "second moment" or "velocity".</param>
    /// <param name="tensor">Name of the first tensor concerned, such as <c>policy.0.weight</c>.</param>
    public NonFiniteException(long update, string quantity, string tensor)
        : base($"Update {update}: the {quantity} of {tensor} became non-finite. The policy of update {update - 1} is kept.")
    {
        Update = update;
        Quantity = quantity;
        Tensor = tensor;
    }

    internal NonFiniteException(long update, string quantity, string tensor, string message)
        : base(message)
    {
        Update = update;
        Quantity = quantity;
        Tensor = tensor;
    }

    /// <summary>Number of the update, from 1.</summary>
    public long Update { get; }

    /// <summary>"gradient", "parameters", "second moment" of Adam, "velocity" of SGD, "log σ", or "returns" that a learned baseline cannot add up.</summary>
    public string Quantity { get; }

    /// <summary>Name of the first tensor concerned; of returns, "value".</summary>
    public string Tensor { get; }
}
