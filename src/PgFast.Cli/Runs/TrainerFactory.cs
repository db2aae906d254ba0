using PgFast.Cli.Output;
using PgFast.Training;

namespace PgFast.Cli.Runs;

/// <summary>Makes trainers; what this machine cannot hold is refused in a line that names the option.</summary>
internal static class TrainerFactory
{
    /// <summary>What the library refuses and the options' own checks let through, such as more parameters than can be counted.</summary>
    public static Trainer Create(EnvironmentEntry environment, TrainerOptions options)
    {
        try
        {
            return environment.CreateTrainer(options);
        }
        catch (ArgumentException exception)
        {
            bool isNetwork = string.Equals(exception.ParamName, nameof(TrainerOptions.HiddenSizes), StringComparison.OrdinalIgnoreCase);
            throw new UsageException(isNetwork ? "--hidden must describe a network of at most 2147483647 parameters" : exception.Message);
        }
        catch (OverflowException)
        {
            throw new UsageException("--batch and --hidden ask for more memory than can be addressed");
        }
    }

    /// <summary>Refuses what this machine can never hold, by a rough count of what training keeps a parameter and a step.</summary>
    public static void RequireMemory(EnvironmentEntry environment, TrainerOptions options, int runs)
    {
        const double EpisodesPerShard = 64, BytesPerParameter = 40, BytesPerParameterAndShard = 8;
        int observations = environment.Specification.ObservationSize;
        double parameters = 0, inputs = observations;
        foreach (int outputs in options.HiddenSizes.Append(environment.Specification.Actions.Size))
        {
            parameters += (inputs + (options.HasBias ? 1 : 0)) * outputs;
            inputs = outputs;
        }

        double shards = Math.Clamp(options.BatchSize / EpisodesPerShard, 1, 32);
        double network = runs * parameters * (BytesPerParameter + BytesPerParameterAndShard * shards);
        double steps = (double)options.BatchSize * environment.Specification.MaximumEpisodeSteps;
        double trajectories = runs * steps * sizeof(float) * (observations + 4);
        long available = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        if (network > available)
        {
            throw new UsageException(
                $"--hidden must describe a network that fits into memory: this one takes about {Gigabytes(network)} of {Gigabytes(available)} GB");
        }

        if (trajectories > available)
        {
            throw new UsageException(
                $"--batch must leave room for its episodes in memory: these take up to {Gigabytes(trajectories)} of {Gigabytes(available)} GB");
        }
    }

    private static string Gigabytes(double bytes) => Terminal.Number(bytes / (1 << 30), "0.#");
}
