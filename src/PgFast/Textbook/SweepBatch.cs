namespace PgFast.Textbook;

/// <summary>One finished episode in every lane, and the parameters that its sweep moves.</summary>
internal readonly unsafe struct SweepBatch
{
    /// <summary>[parameter][64]; θ of every lane's run, moved.</summary>
    public required float* Parameters { get; init; }

    /// <summary>[value parameter][64]; w of every lane's run, moved; null without a baseline.</summary>
    public required float* ValueParameters { get; init; }

    /// <summary>[row][feature][lane].</summary>
    public required float* Observation { get; init; }

    /// <summary>[row][lane] 32-bit integers.</summary>
    public required float* Action { get; init; }

    /// <summary>[row][lane]; G_t.</summary>
    public required float* Return { get; init; }

    /// <summary>[row]; bit k is set where lane k's episode has this step.</summary>
    public required ulong* Live { get; init; }

    /// <summary>Steps of the longest episode.</summary>
    public required int Rows { get; init; }

    /// <summary>Lanes of a row, a multiple of 16.</summary>
    public required int Lanes { get; init; }

    /// <summary>α^θ of this episode.</summary>
    public required double StepSize { get; init; }

    /// <summary>α^w of this episode.</summary>
    public required double ValueStepSize { get; init; }

    /// <summary>γ.</summary>
    public required double Discount { get; init; }
}
