namespace PgFast.Reports.Figures;

/// <summary>A picture of data.</summary>
/// <param name="Name">A name for a file: lower-case letters, digits and hyphens.</param>
/// <param name="Title">What is plotted.</param>
/// <param name="Caption">How to read it, and what it does not show; plain text.</param>
/// <param name="Svg">An <c>svg</c> element. The same data give the same bytes.</param>
public sealed record Figure(string Name, string Title, string Caption, string Svg);
