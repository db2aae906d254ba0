namespace PgFast.Comparison;

/// <summary>The comparison cannot go on. The message is one line for the user.</summary>
internal sealed class ComparisonException(string message) : Exception(message);
