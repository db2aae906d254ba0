using OxyPlot;

namespace PgFast.Reports.Figures;

/// <summary>How a series is told apart: by colour, and in grey print by marker or dash.</summary>
/// <param name="Color">Its colour; each has its own lightness.</param>
/// <param name="Marker">Its marker.</param>
internal readonly record struct SeriesStyle(OxyColor Color, MarkerType Marker);

/// <summary>Sizes and colours that all figures share. <c>report.css</c> names the same colours, to replace them in a dark scheme.</summary>
internal static class FigureStyle
{
    /// <summary>Width of a picture in its own units: that of a column of text on a phone, so that 12 units of text are 12 pixels there.</summary>
    public const double Width = 350;

    /// <summary>Smallest text.</summary>
    public const double FontSize = 12;

    /// <summary>Fonts with the widths that the layout measures by, then whatever there is.</summary>
    public const string Font = "Helvetica, Arial, 'Liberation Sans', sans-serif";

    public static readonly OxyColor Ink = OxyColor.FromRgb(28, 28, 28);
    public static readonly OxyColor Grid = OxyColor.FromRgb(221, 221, 221);
    public static readonly OxyColor Paper = OxyColor.FromRgb(255, 255, 255);

    // After Okabe and Ito (2008), darkened where needed for a contrast of 3:1 on white.
    private static readonly OxyColor Grey = OxyColor.FromRgb(70, 70, 70);
    private static readonly OxyColor Blue = OxyColor.FromRgb(0, 114, 178);
    private static readonly OxyColor Vermilion = OxyColor.FromRgb(213, 94, 0);
    private static readonly OxyColor Green = OxyColor.FromRgb(0, 134, 100);
    private static readonly OxyColor Purple = OxyColor.FromRgb(158, 60, 142);
    private static readonly OxyColor Ochre = OxyColor.FromRgb(168, 120, 0);
    private static readonly OxyColor Sky = OxyColor.FromRgb(50, 145, 200);

    /// <summary>The baselines that the engine has keep their look in every figure.</summary>
    private static readonly Dictionary<string, SeriesStyle> Baselines = new(StringComparer.Ordinal)
    {
        ["none"] = new SeriesStyle(Grey, MarkerType.Circle),
        ["mean"] = new SeriesStyle(Blue, MarkerType.Square),
        ["time"] = new SeriesStyle(Vermilion, MarkerType.Triangle),
        ["optimal"] = new SeriesStyle(Green, MarkerType.Diamond),
        ["optimal-per-parameter"] = new SeriesStyle(Purple, MarkerType.Plus),
        ["linear"] = new SeriesStyle(Ochre, MarkerType.Cross),
        ["value"] = new SeriesStyle(Sky, MarkerType.Star),
    };

    private static readonly SeriesStyle[] Others =
    [
        new(Sky, MarkerType.Star), new(Purple, MarkerType.Circle), new(Green, MarkerType.Square), new(Vermilion, MarkerType.Diamond),
        new(Blue, MarkerType.Triangle), new(Ochre, MarkerType.Plus),
    ];

    /// <summary>Colour of a figure's only series.</summary>
    public static OxyColor Single => Blue;

    /// <summary>Colours of the parts of a whole, from dark to light, so that they differ in grey.</summary>
    public static IReadOnlyList<OxyColor> Parts { get; } =
        [OxyColor.FromRgb(0, 72, 118), Vermilion, OxyColor.FromRgb(240, 200, 90)];

    /// <summary>The look of a baseline.</summary>
    /// <param name="baseline">Its name.</param>
    /// <param name="index">Where it stands in the figure; decides for names that are not known.</param>
    public static SeriesStyle Of(string baseline, int index) =>
        Baselines.TryGetValue(baseline, out SeriesStyle style) ? style : Others[index % Others.Length];

    /// <summary>A colour as thin as a band.</summary>
    public static OxyColor Faint(OxyColor color, byte alpha = 40) => OxyColor.FromAColor(alpha, color);
}
