using PgFast.Cli.Options;
using PgFast.Environments;
using PgFast.Files;
using PgFast.Networks;
using PgFast.Policies;
using PgFast.Training;

namespace PgFast.Cli.Runs;

/// <summary>Policies from files; what is wrong with one is said in a line that names the option it was given by.</summary>
internal static class SavedPolicy
{
    /// <summary>The policy's file where a run's directory is named.</summary>
    public static string PathIn(string path) => Directory.Exists(path) ? Path.Combine(path, RunDirectory.PolicyName) : path;

    /// <summary>Reads a file.</summary>
    /// <param name="option">The option, with its hyphens.</param>
    /// <param name="path">Where it is.</param>
    /// <param name="activation">The activation to assume where the file names none.</param>
    /// <exception cref="UsageException">It is not there, or not a policy.</exception>
    public static PolicyFile Load(string option, string path, Activation? activation)
    {
        try
        {
            return PolicyFile.Load(path, activation);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new UsageException($"{option} must name a file that exists; '{path}' does not");
        }
        catch (Exception exception)
            when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new UsageException($"{option} must name a policy that can be read; '{path}' is none: {exception.Message}");
        }
    }

    /// <summary>The environment that is named, or else the one that the file names.</summary>
    /// <exception cref="UsageException">There is none.</exception>
    public static EnvironmentEntry EnvironmentOf(string? given, string path, PolicyFile file)
    {
        if (given is null && file.Environment is null)
            throw new UsageException($"'{path}' names no environment: name one of {string.Join(", ", EnvironmentCatalog.Names)}");
        return CommonOptions.FindEnvironment(given ?? file.Environment);
    }

    /// <summary>Compares the tensors that touch the environment with what it needs.</summary>
    /// <exception cref="UsageException">Some do not fit; the message has the shape expected and the shape found of each.</exception>
    public static void RequireFit(string option, string path, PolicyFile file, EnvironmentEntry environment)
    {
        NetworkShape shape = file.Shape;
        ActionSpace space = environment.Specification.Actions;
        if (file.Distribution.IsDiscrete != space.IsDiscrete)
        {
            string found = file.Distribution.IsDiscrete ? "a softmax for discrete actions" : "a Gaussian for continuous actions";
            string expected = space.IsDiscrete ? "discrete" : "continuous";
            throw new UsageException($"{option} must fit {environment.Name}, whose actions are {expected}; '{path}' is {found}");
        }

        List<string> misfits = [];
        int first = 0, last = shape.LayerCount - 1;
        int observations = environment.Specification.ObservationSize, actions = ActionDistribution.Of(space, file.Distribution.StandardDeviation).LayerOutputs;
        for (int layer = first; layer <= last; layer++)
        {
            int inputs = layer == first ? observations : shape.InputSizeOf(layer);
            int outputs = layer == last ? actions : shape.OutputSizeOf(layer);
            if (inputs != shape.InputSizeOf(layer) || outputs != shape.OutputSizeOf(layer))
            {
                string found = $"[{shape.OutputSizeOf(layer)}, {shape.InputSizeOf(layer)}]";
                misfits.Add($"policy.{layer}.weight expected [{outputs}, {inputs}], found {found}");
            }

            if (shape.HasBias && outputs != shape.OutputSizeOf(layer))
                misfits.Add($"policy.{layer}.bias expected [{outputs}], found [{shape.OutputSizeOf(layer)}]");
        }

        if (misfits.Count > 0)
            throw new UsageException($"{option} must fit {environment.Name}; '{path}' does not: {string.Join("; ", misfits)}");
    }
}
