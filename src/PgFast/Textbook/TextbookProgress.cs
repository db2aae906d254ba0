namespace PgFast.Textbook;

/// <summary>How far the runs are.</summary>
/// <param name="Episodes">Episodes that every run has done.</param>
/// <param name="Total">Episodes of a run.</param>
public readonly record struct TextbookProgress(int Episodes, int Total)
{
    /// <summary>Of the episodes, in (0, 1].</summary>
    public double Fraction => (double)Episodes / Total;
}
