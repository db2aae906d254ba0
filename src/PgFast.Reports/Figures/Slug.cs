namespace PgFast.Reports.Figures;

/// <summary>Names that are safe in file names, ids and addresses.</summary>
internal static class Slug
{
    /// <summary>Lower-case letters, digits and hyphens; never empty.</summary>
    public static string Of(string name)
    {
        char[] kept = [.. name.ToLowerInvariant().Select(c => char.IsAsciiLetterOrDigit(c) ? c : '-')];
        string slug = new string(kept).Trim('-');
        return slug.Length == 0 ? "unnamed" : slug[..Math.Min(slug.Length, 60)];
    }
}
