using System.Globalization;

namespace PgFast.Comparison;

/// <summary>What the command line asks for.</summary>
internal sealed record ComparisonOptions
{
    private const int QuickRounds = 2;

    public const string Usage =
        """
        Compares PgFast with other implementations of the same algorithm on CartPole-v1, one thread each, interleaved.

          dotnet run -c Release --project benchmarks/PgFast.Comparison [-- OPTIONS]

          --rounds N      rounds over all implementations, 1 to 1000; default 10
          --quick         2 rounds, for a first look
          --only NAMES    some of engine,reference,vectorized,pytorch-tuned,pytorch-plain; default all; the engine always takes part
          --python PATH   the Python that has PyTorch; default /usr/bin/python3, then python3
          --json          one JSON document to standard output, in place of the tables
          --out DIR       writes DIR/benchmarks/results/CPU/comparison.md and DIR/docs/figures/time-to-solve.svg
          --cpu NAME      what the CPU is called, where the system does not know it better; it also names the folder
        """;

    private static readonly string[] Names = ["engine", "reference", "vectorized", "pytorch-tuned", "pytorch-plain"];

    public int Rounds { get; init; } = 10;

    /// <summary>Names of contenders.</summary>
    public IReadOnlyList<string> Only { get; init; } = Names;

    public string? Python { get; init; }

    public bool Json { get; init; }

    public string? Out { get; init; }

    public string? Cpu { get; init; }

    public bool Help { get; init; }

    /// <summary>The options as they were given, for the report.</summary>
    public string Given { get; init; } = "";

    /// <summary>Reads the command line.</summary>
    /// <exception cref="ComparisonException">An option is unknown, lacks its value, or has a wrong one.</exception>
    public static ComparisonOptions Parse(IReadOnlyList<string> arguments)
    {
        ComparisonOptions options = new();
        bool isQuick = false, hasRounds = false;
        for (int i = 0; i < arguments.Count; i++)
        {
            string Value() => ++i < arguments.Count && arguments[i].Length > 0
                ? arguments[i]
                : throw new ComparisonException($"{arguments[i - 1]} needs a value.");
            switch (arguments[i])
            {
                case "--rounds":
                    (options, hasRounds) = (options with { Rounds = RoundsOf(Value()) }, true);
                    break;
                case "--quick":
                    isQuick = true;
                    break;
                case "--only":
                    options = options with { Only = NamesOf(Value()) };
                    break;
                case "--python":
                    options = options with { Python = Value() };
                    break;
                case "--json":
                    options = options with { Json = true };
                    break;
                case "--out":
                    options = options with { Out = Value() };
                    break;
                case "--cpu":
                    options = options with { Cpu = Value() };
                    break;
                case "--help" or "-h":
                    options = options with { Help = true };
                    break;
                default:
                    throw new ComparisonException($"'{arguments[i]}' is unknown; --help lists the options.");
            }
        }

        if (isQuick && hasRounds)
            throw new ComparisonException("--quick stands for a number of rounds: give one of --quick and --rounds.");
        if (options.Out is { } folder && File.Exists(folder))
            throw new ComparisonException($"--out: '{folder}' is a file; a folder is needed.");
        return options with
        {
            Rounds = isQuick ? QuickRounds : options.Rounds,
            Given = string.Concat(arguments.Select(argument => argument.Contains(' ') ? $" \"{argument}\"" : $" {argument}")),
        };
    }

    private static int RoundsOf(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int rounds) && rounds is >= 1 and <= 1000
            ? rounds
            : throw new ComparisonException($"--rounds: '{text}' is not a number from 1 to 1000.");

    private static string[] NamesOf(string text)
    {
        string[] chosen = text.Split(',', StringSplitOptions.TrimEntries);
        return chosen.FirstOrDefault(name => !Names.Contains(name)) is { } unknown
            ? throw new ComparisonException($"--only: '{unknown}' is none of {string.Join(", ", Names)}.")
            : [.. chosen.Append("engine").Distinct()];
    }
}
