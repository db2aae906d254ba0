using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using PgFast.Cli.Options;
using PgFast.Training;

namespace PgFast.Cli.Output;

/// <summary>Help: what a command does, its options by group with what they allow and their defaults, and examples.</summary>
internal sealed class HelpText : SynchronousCommandLineAction
{
    private const int OptionColumn = 30;
    private const int Width = 100;

    public override int Invoke(ParseResult parseResult)
    {
        Command command = parseResult.CommandResult.Command;
        if (command is RootCommand)
            PrintRoot(command);
        else
            PrintCommand(command);
        return ExitCode.Done;
    }

    private static void PrintRoot(Command root)
    {
        Console.WriteLine($"{Terminal.Strong("pgfast")}: {root.Description}");
        Heading("Usage");
        Console.WriteLine("  pgfast COMMAND [ENV] [options]");
        Heading("Commands");
        foreach (Command command in root.Subcommands)
            Row(command.Name, command.Description!);
        Heading("Environments");
        foreach (EnvironmentEntry entry in EnvironmentCatalog.All)
        {
            string solved = entry.Specification.SolvedReturn is { } target
                ? $"; solved at a mean return of {Terminal.Number(target, "0.##")}"
                : "";
            Row(entry.Name, $"{entry.Specification.Name}{solved}");
        }

        Examples("train cartpole", "train cartpole --seeds 100 --solve --json", "train corridor --updates 100", "bench", "train --help");
    }

    private static void PrintCommand(Command command)
    {
        Console.WriteLine($"{Terminal.Strong($"pgfast {command.Name}")}: {command.Description}");
        Heading("Usage");
        string argument = command.Arguments.Count == 0 ? ""
            : command.Name is "train" or "export" or "report" or "figure" or "check" ? $" {command.Arguments[0].Name}" : $" [{command.Arguments[0].Name}]";
        Console.WriteLine($"  pgfast {command.Name}{argument} [options]");
        if (command.Arguments.Count > 0)
        {
            Heading("Argument");
            string names = command.Arguments[0].Name == "ENV" ? $" One of: {string.Join(", ", EnvironmentCatalog.Names)}." : "";
            Row(command.Arguments[0].Name, command.Arguments[0].Description + names);
        }

        foreach (IGrouping<string, Option> group in command.Options.Where(o => o is not HelpOption).GroupBy(GroupOf))
        {
            Heading(group.Key);
            foreach (Option option in group)
                Print(option);
        }

        switch (command.Name)
        {
            case "train":
                Examples(
                    "train cartpole", "train cartpole --solve 490 --seed 7 --out runs/seed-7",
                    "train cartpole --hidden 64,64 --activation tanh --lr 0.01 --updates 200",
                    "train cartpole --estimator discounted --baseline time --normalize off --optimizer sgd --lr 0.001 --updates 500",
                    "train cartpole --seeds 100 --solve --json",
                    "train corridor --gamma 1 --updates 200 --out runs/corridor --checkpoint-every 50",
                    "train corridor --algorithm textbook --initial 1.47,-1.47 --lr 2^-9 --value-lr 2^-6 --csv curve.csv");
                break;
            case "evaluate":
                Examples("evaluate --policy runs/seed-7", "evaluate cartpole --policy policy.safetensors --episodes 10000 --seed 3 --json");
                break;
            case "export":
                Examples(
                    "export runs/seed-7 --format onnx", "export runs/seed-7 --format c --name brain --out brain.h",
                    "export agent.safetensors --activation tanh --format safetensors --out policy.safetensors");
                break;
            case "variance":
                Examples(
                    "variance cartpole", "variance --policy runs/seed-7 --estimators reward-to-go --batch-sizes 16,64 --time-budget 1m",
                    "variance cartpole --hidden 64,64 --episodes 1000000 --batch-sizes 1 --timing off --json",
                    "variance --checkpoints runs/seed-7 --baselines mean,time,linear --out studies/seed-7");
                break;
            case "sweep":
                Examples("sweep step-sizes.toml", "sweep step-sizes.toml --dry-run", "sweep high-variance --out runs/high-variance", "sweep --list");
                break;
            case "report":
                Examples("report runs/seed-7", "report studies/cartpole --out cartpole.html");
                break;
            case "figure":
                Examples("figure 13.1 --out figure-13-1.svg", "figure 13.2 --out figure-13-2.svg --runs 1000 --seed 7");
                break;
            case "bench":
                Examples("bench", "bench --threads 2 --batch 4096", "bench --quick --json");
                break;
            case "check":
                Examples("check bin/Release/net10.0/Heating.dll", "check bin/Release/net10.0/Heating.dll --type Heating --steps 5000 --json");
                break;
            default:
                Examples(command.Name, $"{command.Name} --json");
                break;
        }
    }

    private static string GroupOf(Option option) => option is IExplainedOption explained ? explained.Group : CommonOptions.Run;

    private static void Print(Option option)
    {
        string name = option.Name;
        if (option.Arity.MaximumNumberOfValues > 0)
            name += option.Arity.MinimumNumberOfValues == 0 ? $" [{option.HelpName}]" : $" {option.HelpName}";
        string description = option.Description ?? "";
        if (option is IExplainedOption { DefaultText: { } text })
            description += $" Default: {text}.";
        Row(name, description);
    }

    private static void Heading(string text)
    {
        Console.WriteLine();
        Console.WriteLine(Terminal.Strong(text));
    }

    private static void Examples(params string[] examples)
    {
        Heading("Examples");
        foreach (string example in examples)
            Console.WriteLine($"  pgfast {example}");
    }

    /// <summary>A name, and its explanation wrapped beside it; below it where the name is long.</summary>
    private static void Row(string name, string description)
    {
        string line = "  " + name.PadRight(OptionColumn - 2);
        // A name that fills its column would touch what explains it.
        if (name.Length > OptionColumn - 4)
        {
            Console.WriteLine(line.TrimEnd());
            line = new string(' ', OptionColumn);
        }

        foreach (string word in description.Split(' '))
        {
            if (line.Length + word.Length > Width)
            {
                Console.WriteLine(line.TrimEnd());
                line = new string(' ', OptionColumn);
            }

            line += word + " ";
        }

        Console.WriteLine(line.TrimEnd());
    }
}
