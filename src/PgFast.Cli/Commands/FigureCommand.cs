using System.CommandLine;
using System.Diagnostics;
using System.Text;
using PgFast.Cli.Options;
using PgFast.Cli.Output;
using PgFast.Environments;
using PgFast.Files;
using PgFast.Reports.Figures;
using PgFast.Textbook;

namespace PgFast.Cli.Commands;

/// <summary><c>pgfast figure</c>: computes and draws a figure of Sutton and Barto's chapter 13.</summary>
internal sealed class FigureCommand
{
    /// <summary>The seed of the first curve; the others' follow it.</summary>
    private const ulong DefaultSeed = 1;

    /// <summary>θ at the start: right with probability 0.05, as the book's curves begin.</summary>
    private static readonly float[] Start = [1.47f, -1.47f];

    private static readonly BookFigure[] All =
    [
        new("13.1", "REINFORCE on the short corridor", [new("α = 2⁻¹²", -12, null), new("α = 2⁻¹³", -13, null), new("α = 2⁻¹⁴", -14, null)]),
        new("13.2", "REINFORCE with and without a baseline", [new("with baseline, α = 2⁻⁹, α for w 2⁻⁶", -9, -6), new("without, α = 2⁻¹³", -13, null)]),
    ];

    private readonly Argument<string?> _number = new("NUMBER")
    {
        Arity = ArgumentArity.ZeroOrOne,
        Description = $"The figure's number: {string.Join(" or ", All.Select(figure => figure.Number))}.",
        DefaultValueFactory = _ => null,
        CustomParser = result => result.Tokens.Count == 0 ? null : result.Tokens[0].Value,
    };

    private readonly ExplainedOption<string?> _out = Values.Path(
        "--out", CommonOptions.Output, "a file name that ends in .svg, in a directory that exists", "FILE",
        "Where the picture goes; one that is there is replaced. Default: figure-NUMBER.svg.");

    private readonly ExplainedOption<int> _runs = Values.Integer(
        "--runs", CommonOptions.Run, 1, TextbookOptions.MaximumRuns, 100, "Runs that every curve is the mean of.");

    private readonly ExplainedOption<int> _episodes = Values.Integer("--episodes", CommonOptions.Run, 2, 1_000_000, 1000, "Episodes of a run.");

    private readonly ExplainedOption<float> _minimumProbability = Values.Number(
        "--minimum-probability", CommonOptions.Run, "a number of at least 0 and below 0.5", value => value is >= 0 and < 0.5f, 0.05f,
        "No action's probability falls below this; with 0, some runs become deterministic and all but never end an episode.");

    private readonly ExplainedOption<ulong?> _seed = Values.Seed("--seed", CommonOptions.Run, "Seed of all random numbers.", "1");

    private readonly ExplainedOption<int> _threads = CommonOptions.Threads("Threads; they change the speed and no bit of the result.");

    private readonly Flag _json = CommonOptions.Json();

    public static Command Create()
    {
        FigureCommand figure = new();
        Command command = new("figure", "Reproduces a figure of chapter 13 of Sutton and Barto's book.") { figure._number };
        Option[] options =
            [figure._runs, figure._episodes, figure._minimumProbability, figure._seed, figure._threads, figure._out, figure._json];
        foreach (Option option in options)
            command.Add(option);
        command.SetAction(figure.Run);
        return command;
    }

    private int Run(ParseResult parsed)
    {
        CommandLine.CheckLaneWidth();
        string numbers = string.Join(" and ", All.Select(figure => figure.Number));
        string number = parsed.GetValue(_number) ?? throw new UsageException($"a figure is missing; figures are {numbers}");
        BookFigure book = All.FirstOrDefault(figure => figure.Number == number)
            ?? throw new UsageException($"unknown figure '{number}'; figures are {numbers}");
        string path = parsed.GetValue(_out) ?? $"figure-{number.Replace('.', '-')}.svg";
        bool isPicture = string.Equals(Path.GetExtension(path), ".svg", StringComparison.OrdinalIgnoreCase);
        if (!isPicture || Directory.Exists(path) || !Directory.Exists(Path.GetDirectoryName(Path.GetFullPath(path))))
            throw new UsageException($"--out must be {_out.Allowed}, not '{path}'");
        TextbookOptions options = new()
        {
            Runs = parsed.GetValue(_runs),
            Episodes = parsed.GetValue(_episodes),
            MinimumProbability = parsed.GetValue(_minimumProbability),
            InitialParameters = Start,
            Threads = parsed.GetValue(_threads),
        };
        ulong seed = parsed.GetValue(_seed) ?? DefaultSeed;
        long start = Stopwatch.GetTimestamp();
        using Interruption interruption = new();
        List<RewardCurve> curves = [];
        try
        {
            // Every curve has a seed of its own, so that the curves are independent of each other.
            foreach (BookCurve curve in book.Curves)
            {
                TextbookOptions own = options with
                {
                    StepSize = MathF.ScaleB(1, curve.StepSizeExponent),
                    ValueStepSize = curve.ValueStepSizeExponent is { } exponent ? MathF.ScaleB(1, exponent) : null,
                    Seed = unchecked(seed + (ulong)curves.Count),
                };
                using TextbookTrainer<ShortCorridor> trainer = new(own);
                curves.Add(new RewardCurve(curve.Name, trainer.Train(cancellation: interruption.Token).MeanReward));
            }
        }
        catch (OperationCanceledException)
        {
            Console.Error.WriteLine("pgfast: interrupted; nothing is drawn");
            return ExitCode.Interrupted;
        }

        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        string floor = options.MinimumProbability == 0
            ? "without a least probability" : $"probabilities of at least {Terminal.Number(options.MinimumProbability, "0.####")}";
        Figure figure = RewardCurves.Draw($"figure-{number.Replace('.', '-')}", book.Title, curves, options.Runs, BestReturn, floor);
        AtomicFile.Write(path, Encoding.UTF8.GetBytes(figure.Svg));
        if (parsed.GetValue(_json))
            PrintJson(path, book, curves, seconds);
        else
            Print(path, book, curves, seconds);
        return ExitCode.Done;
    }

    /// <summary>v*(s₀) = −(6 + 4√2), that of the best policy that cannot tell the states apart.</summary>
    private static double BestReturn => -(6 + 4 * Math.Sqrt(2));

    private static double LastMean(RewardCurve curve) => curve.MeanReward.TakeLast(100).Average();

    private static void Print(string path, BookFigure book, IReadOnlyList<RewardCurve> curves, double seconds)
    {
        Console.WriteLine($"{Terminal.Strong(path)}  figure {book.Number} in {Terminal.Duration(seconds)}");
        foreach (RewardCurve curve in curves)
        {
            Console.WriteLine(
                $"  {curve.Name}: {Terminal.Number(curve.MeanReward[0], "0.00")} in episode 1, {Terminal.Number(LastMean(curve), "0.00")} at the end");
        }
    }

    private static void PrintJson(string path, BookFigure book, IReadOnlyList<RewardCurve> curves, double seconds) => JsonText.Print(json =>
    {
        json.WriteStartObject();
        json.WriteString("figure", book.Number);
        json.WriteString("path", path);
        json.WriteNumber("seconds", seconds);
        json.WriteStartArray("curves");
        foreach (RewardCurve curve in curves)
        {
            json.WriteStartObject();
            json.WriteString("name", curve.Name);
            json.WriteStartArray("meanRewards");
            foreach (double reward in curve.MeanReward)
                json.WriteNumberValue(reward);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    });

    private sealed record BookFigure(string Number, string Title, BookCurve[] Curves);

    /// <summary>Step sizes are powers of two.</summary>
    private sealed record BookCurve(string Name, int StepSizeExponent, int? ValueStepSizeExponent);
}
