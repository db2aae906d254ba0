namespace PgFast.Variance;

/// <summary>What weights the scores of an episode's steps. G_0 and G_t are returns, b a baseline.</summary>
internal enum WeightKind
{
    /// <summary>1.</summary>
    One = 0,

    /// <summary>γ^t.</summary>
    Power = 1,

    /// <summary>G_t.</summary>
    ToGo = 2,

    /// <summary>γ^t G_t.</summary>
    DiscountedToGo = 3,

    /// <summary>G_0 − b(t), with b the mean of G_0 over other episodes that reach step t.</summary>
    TimeTotal = 4,

    /// <summary>G_t − b(t), with b the mean of G_t over other episodes that reach step t.</summary>
    TimeToGo = 5,

    /// <summary>γ^t (G_t − b(t)).</summary>
    TimeDiscounted = 6,

    /// <summary>G_0 − b(s, t), with b linear in features of observation and time.</summary>
    LinearTotal = 7,

    /// <summary>G_t − b(s, t).</summary>
    LinearToGo = 8,

    /// <summary>γ^t (G_t − b(s, t)).</summary>
    LinearDiscounted = 9,

    /// <summary>G_0 − V(s, t), with V a network.</summary>
    ValueTotal = 10,

    /// <summary>G_t − V(s, t).</summary>
    ValueToGo = 11,

    /// <summary>γ^t (G_t − V(s, t)).</summary>
    ValueDiscounted = 12,
}

/// <summary>One weighting of an episode's scores.</summary>
/// <param name="Kind">How.</param>
/// <param name="Size">Which batch size's other episodes a time baseline is made of, as an index; −1 for the pilot's, or where it does not matter.</param>
internal readonly record struct StudyColumn(WeightKind Kind, int Size = -1);

/// <summary>A vector that batches sum over their episodes: a column's gradient, or that times the episode's G_0.</summary>
/// <param name="Column">Index of the column.</param>
/// <param name="TimesReturn">Whether it is multiplied by G_0.</param>
internal readonly record struct StudyIngredient(int Column, bool TimesReturn);
