using PgFast.Networks;
using PgFast.Training;
using PgFast.Variance;

namespace PgFast.Cli.Studies;

/// <summary>Measures one policy.</summary>
/// <exception cref="OperationCanceledException">It was cancelled before there was anything to report.</exception>
internal delegate VarianceReport StudyRunner(
    EnvironmentEntry environment, NetworkShape shape, float[] parameters, VarianceOptions options, IProgress<VarianceProgress> progress,
    CancellationToken cancellation);

/// <summary>What the command touches outside itself: the library's study, the standard streams, a reason to stop.</summary>
internal sealed class StudyHost
{
    public StudyRunner Runner { get; init; } = RunInLibrary;

    /// <summary>Where the report goes; null for standard output.</summary>
    public TextWriter? Output { get; init; }

    public TextWriter Error { get; init; } = Console.Error;

    /// <summary>Stops the study as a signal does.</summary>
    public CancellationToken Cancellation { get; init; }

    private static VarianceReport RunInLibrary(
        EnvironmentEntry environment, NetworkShape shape, float[] parameters, VarianceOptions options,
        IProgress<VarianceProgress> progress, CancellationToken cancellation)
    {
        using VarianceStudy study = Create(environment, shape, parameters, options);
        return study.Run(progress, cancellation);
    }

    /// <summary>What the library refuses and the options' own checks let through.</summary>
    private static VarianceStudy Create(EnvironmentEntry environment, NetworkShape shape, float[] parameters, VarianceOptions options)
    {
        try
        {
            return environment.CreateStudy(shape, parameters, options);
        }
        catch (ArgumentException exception)
        {
            throw new UsageException(exception.Message);
        }
        catch (OverflowException)
        {
            throw new UsageException("the network and --batch-sizes ask for more memory than can be addressed");
        }
    }
}
