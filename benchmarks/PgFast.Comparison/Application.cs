using PgFast.Comparison.Contenders;
using PgFast.Comparison.Reporting;

namespace PgFast.Comparison;

/// <summary>The command line: options, contenders, rounds, reports.</summary>
internal static class Application
{
    public static int Run(string[] arguments)
    {
        ComparisonOptions options;
        try
        {
            options = ComparisonOptions.Parse(arguments);
        }
        catch (ComparisonException exception)
        {
            Console.Error.WriteLine(exception.Message);
            return 2;
        }

        if (options.Help)
        {
            Console.WriteLine(ComparisonOptions.Usage);
            return 0;
        }

        try
        {
            Compare(options);
            return 0;
        }
        catch (Exception exception) when (exception is ComparisonException or IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine(exception.Message);
            return 1;
        }
    }

    private static void Compare(ComparisonOptions options)
    {
        string repository = Repository();
        List<Contender> contenders = [.. Local().Where(contender => options.Only.Contains(contender.Key))];
        string? versions = null;
        if (options.Only.Any(name => name.StartsWith("pytorch", StringComparison.Ordinal)))
        {
            PyTorch? pyTorch = PyTorch.Find(options.Python, repository, out string note);
            if (pyTorch is null)
                Console.Error.WriteLine(note);
            else
                contenders.AddRange(pyTorch.Contenders().Where(contender => options.Only.Contains(contender.Key)));
            versions = pyTorch?.Versions;
        }

        Circumstances circumstances = Circumstances.Current(options, versions, repository);
        Rounds rounds = Rounds.Run(contenders, options.Rounds, Console.Error.WriteLine);
        Row[] rows = Summary.Of(rounds);
        Console.WriteLine(options.Json ? Json.Of(rounds, rows, circumstances) : Tables.Both(rows).TrimEnd());
        if (Summary.Disturbance(rows) is { } disturbance)
            Console.Error.WriteLine(disturbance + " Repeat this on an idle machine.");
        if (options.Out is { } folder)
        {
            Write(Path.Combine(folder, "benchmarks", "results", circumstances.FolderName, "comparison.md"), Tables.File(rounds, rows, circumstances));
            Write(Path.Combine(folder, "docs", "figures", "time-to-solve.svg"), TimeToSolve.Draw(rows, circumstances.Cpu));
        }
    }

    private static Contender[] Local() =>
    [
        new LocalContender("engine", "PgFast", "this library, through its public `Trainer`", seedsARound: 20, trainedUpdates: 50, Runs.Engine),
        new LocalContender(
            "vectorized", "C#, TensorPrimitives", "vectorised C# as one writes it with System.Numerics.Tensors, live episodes packed, the gradient derived by hand",
            seedsARound: 4, trainedUpdates: 20, Runs.Vectorized),
        new LocalContender(
            "reference", "C#, scalar", "`src/PgFast/Reference`: the algorithm written to be read, in double precision, from PgFast's initial parameters and random numbers",
            seedsARound: 1, trainedUpdates: 3, Runs.Reference),
    ];

    private static void Write(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        Console.Error.WriteLine(path);
    }

    private static string Repository()
    {
        DirectoryInfo? directory = new(AppContext.BaseDirectory);
        while (directory is not null && !File.Exists(Path.Combine(directory.FullName, "PgFast.sln")))
            directory = directory.Parent;
        return directory?.FullName ?? throw new ComparisonException("The comparison does not run inside the repository.");
    }
}
