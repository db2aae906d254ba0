using System.Net;
using System.Text;

namespace PgFast.Reports.Pages;

/// <summary>Text of a page. Whatever comes from files passes through <see cref="Escape"/> on its way in.</summary>
internal sealed class Html
{
    /// <summary>Characters of a value that needs a line of its own.</summary>
    private const int WideText = 32;

    private readonly StringBuilder _text = new();
    private readonly List<string> _figures = [];

    /// <summary>Names of the figures so far: the ids of their elements.</summary>
    public IReadOnlyList<string> Figures => _figures;

    public static string Escape(string? text) => WebUtility.HtmlEncode(text ?? "");

    /// <summary>Adds markup as it is.</summary>
    public Html Raw(string markup)
    {
        _text.Append(markup);
        return this;
    }

    /// <summary>Adds an element that holds text.</summary>
    /// <param name="opening">Its name, and attributes if it has any.</param>
    /// <param name="text">Escaped here.</param>
    public Html Element(string opening, string? text) =>
        Raw($"<{opening}>").Raw(Escape(text)).Raw($"</{opening.Split(' ')[0]}>\n");

    /// <summary>Adds names with values; those without a value are left out.</summary>
    public Html Facts(IEnumerable<(string Name, string? Value)> facts)
    {
        Raw("<dl>\n");
        foreach ((string name, string? value) in facts)
        {
            if (!string.IsNullOrEmpty(value) && value != NumberText.Missing)
                Raw($"<div{(value.Length > WideText ? " class=\"wide\"" : "")}><dt>{Escape(name)}</dt><dd>{Escape(value)}</dd></div>\n");
        }

        return Raw("</dl>\n");
    }

    /// <summary>Adds pictures side by side as the width allows.</summary>
    public Html Pictures(IEnumerable<Figures.Figure> figures)
    {
        Raw("<div class=\"figures\">\n");
        foreach (Figures.Figure figure in figures)
        {
            OpenFigure(figure.Name);
            Raw(figure.Svg).Element("figcaption", figure.Caption).Raw("</figure>\n");
        }

        return Raw("</div>\n");
    }

    /// <summary>Opens a figure under a name that is its id.</summary>
    public Html OpenFigure(string name)
    {
        _figures.Add(name);
        return Raw($"<figure id=\"{Escape(name)}\">\n");
    }

    public override string ToString() => _text.ToString();
}
