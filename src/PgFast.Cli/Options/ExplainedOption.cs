using System.CommandLine;
using System.CommandLine.Parsing;

namespace PgFast.Cli.Options;

/// <summary>An option that can say in a few words what it allows.</summary>
internal interface IExplainedOption
{
    /// <summary>What is allowed, as in "--gamma must be <i>a number in [0, 1]</i>".</summary>
    string Allowed { get; }

    /// <summary>The default as help shows it, or null.</summary>
    string? DefaultText { get; }

    /// <summary>Heading under which help lists the option.</summary>
    string Group { get; }
}

/// <summary>Turns an option's text into its value.</summary>
/// <returns>False if the text is not allowed.</returns>
internal delegate bool ValueParser<T>(string text, out T value);

/// <summary>An option with one value, parsed by the project's own rules, so that every error has the same form.</summary>
internal sealed class ExplainedOption<T> : Option<T>, IExplainedOption
{
    /// <param name="name">With its hyphens.</param>
    /// <param name="allowed">See <see cref="IExplainedOption.Allowed"/>.</param>
    /// <param name="parser">Parses and checks.</param>
    /// <param name="defaultValue">The value if the option is not given.</param>
    public ExplainedOption(string name, string allowed, ValueParser<T> parser, T defaultValue)
        : base(name)
    {
        Allowed = allowed;
        Arity = ArgumentArity.ExactlyOne;
        DefaultValueFactory = _ => defaultValue;
        CustomParser = result => Parse(result, parser);
    }

    public string Allowed { get; }

    public string? DefaultText { get; init; }

    public required string Group { get; init; }

    /// <summary>Where the names allowed are few, they serve for a suggestion.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];

    /// <summary>Picks what is wrong out of a text that holds several names.</summary>
    public Func<string, string> Culprit { get; init; } = text => text;

    private T? Parse(ArgumentResult result, ValueParser<T> parser)
    {
        string text = result.Tokens.Count == 0 ? "" : result.Tokens[^1].Value;
        if (parser(text, out T value))
            return value;
        text = Culprit(text);
        result.AddError($"{Name} must be {Allowed}, not '{text}'{CommandLine.Suggestion(text, Names)}");
        return default;
    }
}

/// <summary>A switch.</summary>
internal sealed class Flag : Option<bool>, IExplainedOption
{
    public Flag(string name)
        : base(name) => Arity = ArgumentArity.Zero;

    public string Allowed => "nothing";

    public string? DefaultText => null;

    public required string Group { get; init; }
}
