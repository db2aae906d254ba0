using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;

namespace PgFast.Comparison.Contenders;

/// <summary>The PyTorch scripts, and a Python that can run them.</summary>
internal sealed class PyTorch
{
    private static readonly string[] UsualPythons = ["/usr/bin/python3", "python3"];

    private readonly string _python, _script;

    private PyTorch(string python, string script, string versions) => (_python, _script, Versions) = (python, script, versions);

    /// <summary>Of PyTorch, numpy and the BLAS behind both.</summary>
    public string Versions { get; }

    /// <summary>Finds a Python with PyTorch, and checks physics and gradients of the scripts.</summary>
    /// <param name="python">The Python to use; null for the usual ones.</param>
    /// <param name="repository">Root of the repository.</param>
    /// <param name="note">Why there is none, in one line.</param>
    /// <returns>Null where there is none.</returns>
    /// <exception cref="ComparisonException">The scripts compute something else than recorded data say.</exception>
    public static PyTorch? Find(string? python, string repository, out string note)
    {
        string script = Path.Combine(repository, "benchmarks", "PgFast.Comparison", "pytorch", "reinforce_cartpole.py");
        note = "";
        foreach (string candidate in python is null ? UsualPythons : [python])
        {
            (int exitCode, string output, string error) = Run(candidate, script, ["--self-check"]);
            if (output.StartsWith('{'))
            {
                using JsonDocument document = JsonDocument.Parse(output);
                JsonElement root = document.RootElement;
                string problems = string.Join("; ", root.GetProperty("problems").EnumerateArray().Select(problem => problem.GetString()));
                if (exitCode != 0)
                    throw new ComparisonException($"The PyTorch scripts fail their self-check: {problems}.");
                string Of(string name) => root.GetProperty(name).GetString()!;
                return new PyTorch(candidate, script, $"PyTorch {Of("torch")}, numpy {Of("numpy")}, BLAS {Of("blas")}");
            }

            string reason = error.Split('\n', StringSplitOptions.RemoveEmptyEntries).LastOrDefault() ?? $"exit code {exitCode}";
            note += $"{(note.Length > 0 ? "; " : "PyTorch is left out: ")}{candidate}: {reason.Trim()}";
        }

        return null;
    }

    /// <summary>The two scripts, as contenders.</summary>
    public IEnumerable<PyTorchContender> Contenders() =>
    [
        new PyTorchContender(
            this, "tuned", "PyTorch, tuned", "numpy physics without a temporary array, one network pass a step of 64 environments, autograd in blocks that fit the cache"),
        new PyTorchContender(
            this, "plain", "PyTorch, plain", "the same vectorised over 64 environments as it is usually written: nn.Sequential, array expressions, one backward pass an update"),
    ];

    /// <summary>What the script prints for a run.</summary>
    public JsonDocument Measure(string variant, ulong seed, int trainedUpdates)
    {
        string[] options =
        [
            "--variant", variant, "--seed", $"{seed}", "--evaluation-episodes", $"{Contender.EvaluationEpisodes}",
            "--maximum-updates", $"{Contender.MaximumUpdates}", "--trained-updates", $"{trainedUpdates}",
        ];
        (int exitCode, string output, string error) = Run(_python, _script, options);
        return exitCode == 0
            ? JsonDocument.Parse(output)
            : throw new ComparisonException($"{_script} failed with exit code {exitCode}: {error.Trim()}");
    }

    private static (int ExitCode, string Output, string Error) Run(string python, string script, string[] options)
    {
        try
        {
            using Process process = Process.Start(
                new ProcessStartInfo(python, ["-B", script, .. options]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            Task<string> error = process.StandardError.ReadToEndAsync();
            string output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return (process.ExitCode, output, error.Result);
        }
        catch (Win32Exception exception)
        {
            return (-1, "", exception.Message);
        }
    }
}
