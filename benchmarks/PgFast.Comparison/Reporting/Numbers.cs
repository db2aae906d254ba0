using System.Globalization;

namespace PgFast.Comparison.Reporting;

/// <summary>Numbers as text, with three digits.</summary>
internal static class Numbers
{
    /// <summary>Three digits, without an exponent; – for none.</summary>
    public static string Short(double value) => !double.IsFinite(value) ? "–" : Math.Abs(value) switch
    {
        >= 100 => value.ToString("#,0", CultureInfo.InvariantCulture),
        >= 10 => value.ToString("0.#", CultureInfo.InvariantCulture),
        >= 1 or 0 => value.ToString("0.##", CultureInfo.InvariantCulture),
        _ => value.ToString("0.###", CultureInfo.InvariantCulture),
    };

    /// <summary>A duration with its unit.</summary>
    public static string Seconds(double value) => !double.IsFinite(value) ? "–" : value < 1 ? Short(1000 * value) + " ms" : Short(value) + " s";

    /// <summary>A rate with its unit.</summary>
    public static string Rate(double value) => Short(value / 1e6) + " M";

    /// <summary>A count.</summary>
    public static string Count(double value) => double.IsFinite(value) ? value.ToString("#,0", CultureInfo.InvariantCulture) : "–";

    /// <summary>A factor; – for none.</summary>
    public static string Times(double ratio) => double.IsFinite(ratio) ? Short(ratio) + " ×" : "–";

    /// <summary>A duration, and in brackets its range; – for none.</summary>
    public static string SecondsWithRange(Spread seconds) => double.IsFinite(seconds.Median)
        ? $"{Seconds(seconds.Median)} ({Seconds(seconds.Minimum)}–{Seconds(seconds.Maximum)})"
        : "–";

    /// <summary>How many times faster PgFast is: the median, and in brackets the range.</summary>
    public static string TimesWithRange(Spread ratio) => $"{Times(ratio.Median)} ({Short(ratio.Minimum)}–{Short(ratio.Maximum)})";
}
