namespace PgFast.Training;

/// <summary>A gradient or parameter became infinite or NaN. The parameters are still those before the update.</summary>
public class NonFiniteException : Exception
{
    /// <summary>Says which update and which tensor.</summary>
    /// <param name="update">Number of the update, from 1.</param>
    /// <param name="quantity">"gradient" or "parameters".</param>
    /// <param name="tensor">Name of the first tensor concerned, such as <c>policy.0.weight</c>.</param>
    public NonFiniteException(long update, string quantity, string tensor)
        : base($"Update {update}: the {quantity} of {tensor} became non-finite. The policy of update {update - 1} is kept.")
    {
        Update = update;
        Quantity = quantity;
        Tensor = tensor;
    }

    private protected NonFiniteException(long update, string quantity, string tensor, string message)
        : base(message)
    {
        Update = update;
        Quantity = quantity;
        Tensor = tensor;
    }

    /// <summary>Number of the update, from 1.</summary>
    public long Update { get; }

    /// <summary>"gradient" or "parameters".</summary>
    public string Quantity { get; }

    /// <summary>Name of the first tensor concerned.</summary>
    public string Tensor { get; }
}
