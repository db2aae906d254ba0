using System.Diagnostics;
using System.Globalization;

namespace PgFast.Tests.Support;

/// <summary>What the child process is to train.</summary>
internal sealed record ChildRun
{
    /// <summary>
    /// A name of the catalogue; or <c>catalog</c> for all of them one after the other, each with its own default options but for batch and
    /// threads, and with its name and a dot before those of the results.
    /// </summary>
    public string Environment { get; init; } = "cartpole";

    public string Hidden { get; init; } = "32";

    public bool Bias { get; init; } = true;

    public string Activation { get; init; } = "Relu";

    public string Estimator { get; init; } = "RewardToGo";

    public string Baseline { get; init; } = "None";

    public bool Normalize { get; init; } = true;

    public double Entropy { get; init; }

    public bool MeasureEntropy { get; init; }

    public string Clip { get; init; } = "Infinity";

    public string Optimizer { get; init; } = "Adam";

    public double Momentum { get; init; }

    public string Sigma { get; init; } = "Free";

    public double ActionScale { get; init; } = 1;

    public bool NormalizeObservations { get; init; }

    public double FinalStepSizeFactor { get; init; } = 1;

    public int Batch { get; init; } = 64;

    public int Threads { get; init; } = 1;

    public int WarmUp { get; init; }

    public int Updates { get; init; } = 3;

    /// <summary>How often the updates are repeated; allocations are the least of the windows.</summary>
    public int Windows { get; init; } = 1;

    public int? Evaluate { get; init; }

    /// <summary>As name=value arguments.</summary>
    public IEnumerable<string> Arguments()
    {
        string[] arguments =
        [
            $"environment={Environment}", $"hidden={Hidden}", $"bias={Bias}",
            $"activation={Activation}", $"estimator={Estimator}", $"baseline={Baseline}", $"normalize={Normalize}",
            string.Create(CultureInfo.InvariantCulture, $"entropy={Entropy}"), $"measureEntropy={MeasureEntropy}", $"clip={Clip}",
            $"optimizer={Optimizer}", string.Create(CultureInfo.InvariantCulture, $"momentum={Momentum}"), $"batch={Batch}",
            $"threads={Threads}", $"warmUp={WarmUp}", $"updates={Updates}", $"windows={Windows}",
            $"sigma={Sigma}", string.Create(CultureInfo.InvariantCulture, $"actionScale={ActionScale}"),
            $"normalizeObservations={NormalizeObservations}", string.Create(CultureInfo.InvariantCulture, $"finalStepSizeFactor={FinalStepSizeFactor}"),
        ];
        return Evaluate is int episodes ? [.. arguments, $"evaluate={episodes}"] : arguments;
    }
}

/// <summary>Trains in a process of its own.</summary>
internal static class ChildProcess
{
    // The slowest child, without any hardware arithmetic, takes some seconds; one that takes this long hangs.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    // Switches that the test run itself may have been started with must not reach the child.
    private static readonly string[] Switches =
        ["PGFAST_LANES", "DOTNET_EnableAVX512", "DOTNET_EnableAVX2", "DOTNET_EnableHWIntrinsic", "DOTNET_TieredCompilation", "DOTNET_TieredPGO", "DOTNET_ReadyToRun"];

    /// <summary>Runs the child and returns what it printed.</summary>
    /// <param name="run">What to train.</param>
    /// <param name="switches">Environment variables.</param>
    public static async Task<Dictionary<string, string>> Train(ChildRun run, params (string Name, string Value)[] switches)
    {
        ProcessStartInfo start = new("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "PgFast.Tests.Child.dll"));
        foreach (string argument in run.Arguments())
            start.ArgumentList.Add(argument);
        foreach (string name in Switches)
            start.Environment.Remove(name);
        foreach ((string name, string value) in switches)
            start.Environment[name] = value;
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(), errors = process.StandardError.ReadToEndAsync();
        try
        {
            await process.WaitForExitAsync().WaitAsync(Patience);
        }
        catch (TimeoutException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }

        Assert.True(process.ExitCode == 0, $"The child failed: {await errors}");
        return (await output).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(line => line.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1]);
    }
}
