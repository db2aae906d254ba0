namespace PgFast.Environments;

/// <summary>What an environment takes as an action.</summary>
public readonly record struct ActionSpace
{
    private ActionSpace(bool isDiscrete, int size, float low, float high)
    {
        IsDiscrete = isDiscrete;
        Size = size;
        Low = low;
        High = high;
    }

    /// <summary>True for one of <see cref="Size"/> choices, false for a vector of <see cref="Size"/> real numbers.</summary>
    public bool IsDiscrete { get; }

    /// <summary>Number of choices, or dimension of the vector.</summary>
    public int Size { get; }

    /// <summary>Lower limit of each component of a continuous action, in the environment's unit; 0 if discrete.</summary>
    public float Low { get; }

    /// <summary>Upper limit of each component of a continuous action, in the environment's unit; the last index if discrete.</summary>
    public float High { get; }

    /// <summary>One of <paramref name="count"/> actions, numbered from 0.</summary>
    /// <param name="count">At least 2.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is below 2.</exception>
    public static ActionSpace Discrete(int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 2);
        return new ActionSpace(true, count, 0, count - 1);
    }

    /// <summary>A vector of real numbers, each in [<paramref name="low"/>, <paramref name="high"/>].</summary>
    /// <param name="size">Dimension, at least 1.</param>
    /// <param name="low">Lower limit; may be −∞.</param>
    /// <param name="high">Upper limit, above <paramref name="low"/>; may be +∞.</param>
    /// <exception cref="ArgumentOutOfRangeException">The size is not positive or the limits are not ordered.</exception>
    public static ActionSpace Continuous(int size, float low, float high)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(size);
        if (!(low < high))
            throw new ArgumentOutOfRangeException(nameof(high), high, "The upper limit must be above the lower one.");
        return new ActionSpace(false, size, low, high);
    }
}
