using System.CommandLine;
using System.Text;
using PgFast.Cli.Options;
using PgFast.Cli.Output;
using PgFast.Cli.Runs;
using PgFast.Export;
using PgFast.Files;
using PgFast.Networks;
using PgFast.Training;

namespace PgFast.Cli.Commands;

/// <summary><c>pgfast export</c>: a saved policy as a file that other programs run.</summary>
internal sealed class ExportCommand
{
    private const string SafeTensorsExtension = ".safetensors";

    private readonly Argument<string?> _path = new("PATH")
    {
        Arity = ArgumentArity.ZeroOrOne,
        Description = "A policy.safetensors, or a run's directory.",
        DefaultValueFactory = _ => null,
        CustomParser = result => result.Tokens.Count == 0 ? null : result.Tokens[0].Value,
    };

    private readonly ExplainedOption<ExportFormat?> _format = Values.OptionalChoice(
        "--format", CommonOptions.Output, Names.ExportFormats,
        "An ONNX model; a C header without dependencies; the policy as PgFast itself writes it. Always needed.");

    private readonly ExplainedOption<string?> _out = Values.Path(
        "--out", CommonOptions.Output, "a file name with the ending of the format, in a directory that exists", "FILE",
        "Where the file goes; one that is there is replaced. Default: PATH's name with .onnx, .h or .safetensors, in the current directory.");

    private readonly ExplainedOption<string?> _name = Values.Path(
        "--name", CommonOptions.Output, "letters, digits and underscores, a letter first, at most 40 of them", "NAME",
        "What begins every name in a C header. Default: made from the file's name.");

    private readonly ExplainedOption<Activation?> _activation = Values.OptionalChoice(
        "--activation", CommonOptions.Run, Names.Activations, "Non-linearity of the hidden layers, for a file that does not name it.");

    private readonly Flag _json = CommonOptions.Json();

    public static Command Create()
    {
        ExportCommand export = new();
        Command command = new("export", "Writes a saved policy for other programs: ONNX, a C header, safetensors.")
        {
            export._path, export._format, export._out, export._name, export._activation, export._json,
        };
        command.SetAction(export.Run);
        return command;
    }

    private int Run(ParseResult parsed)
    {
        CommandLine.CheckLaneWidth();
        string path = parsed.GetValue(_path)
            ?? throw new UsageException("a policy is missing; PATH must name a policy.safetensors or a run's directory");
        ExportFormat format = parsed.GetValue(_format) ?? throw new UsageException($"--format is missing; it must be {_format.Allowed}");
        string? name = parsed.GetValue(_name);
        if (name is not null && format != ExportFormat.C)
            throw new UsageException("--name is for --format c: only a C header has names of its own");
        if (name is not null && !CHeader.IsName(name))
            throw new UsageException($"--name must be {_name.Allowed}, not '{name}'");
        string policyPath = SavedPolicy.PathIn(path);
        PolicyFile policy = SavedPolicy.Load("PATH", policyPath, parsed.GetValue(_activation));
        string file = Target(parsed.GetValue(_out), path, policyPath, ExtensionOf(format));
        byte[] content = Content(policy, format, name ?? CHeader.NameFrom(Path.GetFileNameWithoutExtension(file)));
        AtomicFile.Write(file, content);
        if (parsed.GetValue(_json))
            PrintJson(policyPath, policy, format, file, content.Length);
        else
            Print(policy, file, content.Length);
        return ExitCode.Done;
    }

    private static byte[] Content(PolicyFile policy, ExportFormat format, string name)
    {
        try
        {
            return format switch
            {
                ExportFormat.Onnx => OnnxPolicy.ToArray(policy),
                ExportFormat.C => Encoding.ASCII.GetBytes(CHeader.ToText(policy, name)),
                _ => policy.ToSafeTensors().ToArray(),
            };
        }
        catch (ArgumentException exception)
        {
            string held = Values.NameOf<ExportFormat>(Names.ExportFormats, format);
            throw new UsageException($"PATH must name a policy that --format {held} can hold: {exception.Message}");
        }
    }

    /// <summary>Where the file goes. It never replaces a file of another kind, nor the policy that it is made of.</summary>
    private string Target(string? given, string path, string policyPath, string extension)
    {
        string target = given ?? Stem(path) + extension;
        bool isOfTheKind = string.Equals(Path.GetExtension(target), extension, StringComparison.OrdinalIgnoreCase);
        string full = Path.GetFullPath(target);
        if (!isOfTheKind || Directory.Exists(target) || !Directory.Exists(Path.GetDirectoryName(full)))
            throw new UsageException($"--out must be {_out.Allowed}, {extension} here, not '{target}'");
        if (full == Path.GetFullPath(policyPath))
            throw new UsageException($"--out must name another file than PATH, '{policyPath}', which it would replace");
        return target;
    }

    /// <summary>A directory's own name, or a file's without the ending of policies.</summary>
    private static string Stem(string path)
    {
        string name = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(path)));
        if (!Directory.Exists(path) && name.EndsWith(SafeTensorsExtension, StringComparison.OrdinalIgnoreCase))
            name = name[..^SafeTensorsExtension.Length];
        return name.Length == 0 ? "policy" : name;
    }

    private static string ExtensionOf(ExportFormat format) => format switch
    {
        ExportFormat.Onnx => ".onnx",
        ExportFormat.C => ".h",
        _ => SafeTensorsExtension,
    };

    private static void Print(PolicyFile policy, string file, int bytes)
    {
        Console.WriteLine($"{Terminal.Strong(file)}  {Terminal.Count(bytes)} bytes");
        Console.WriteLine($"  parameters  {Terminal.Faint(Trainer.ParameterHashOf(policy.Parameters))}");
    }

    private static void PrintJson(string path, PolicyFile policy, ExportFormat format, string file, int bytes) => JsonText.Print(json =>
    {
        json.WriteStartObject();
        json.WriteString("policy", path);
        json.WriteString("format", Values.NameOf<ExportFormat>(Names.ExportFormats, format));
        json.WriteString("file", file);
        json.WriteNumber("bytes", bytes);
        json.WriteString("parameterHash", Trainer.ParameterHashOf(policy.Parameters));
        json.WriteEndObject();
    });
}
