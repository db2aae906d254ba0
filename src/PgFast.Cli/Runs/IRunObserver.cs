using PgFast.Training;

namespace PgFast.Cli.Runs;

/// <summary>Is told about every update, between the timed parts of a run.</summary>
internal interface IRunObserver
{
    /// <summary>An update is done.</summary>
    /// <param name="update">What it saw.</param>
    /// <param name="trainer">Its totals so far.</param>
    /// <param name="trainSeconds">Time in updates so far.</param>
    void Updated(in UpdateResult update, Trainer trainer, double trainSeconds);
}
