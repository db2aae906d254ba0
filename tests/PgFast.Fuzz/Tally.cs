using System.Globalization;

namespace PgFast.Fuzz;

/// <summary>How often each outcome was met.</summary>
internal sealed class Tally
{
    private readonly SortedDictionary<string, long> _counts = new(StringComparer.Ordinal);

    /// <summary>Counts one.</summary>
    public void Add(string outcome) => _counts[outcome] = this[outcome] + 1;

    /// <summary>How often it was met.</summary>
    public long this[string outcome] => _counts.GetValueOrDefault(outcome);

    /// <summary>A line an outcome.</summary>
    public override string ToString() =>
        string.Join(Environment.NewLine, _counts.Select(entry => string.Create(CultureInfo.InvariantCulture, $"{entry.Value,12:N0}  {entry.Key}")));
}
