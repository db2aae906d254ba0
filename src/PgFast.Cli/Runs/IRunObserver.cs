using PgFast.Training;

namespace PgFast.Cli.Runs;

/// <summary>Is told about every update and the end, between the timed parts of a run.</summary>
internal interface IRunObserver
{
    /// <summary>An update is done, and evaluated if it looked solved.</summary>
    /// <param name="update">What it saw.</param>
    /// <param name="trainer">Its totals so far.</param>
    /// <param name="trainSeconds">Time in updates so far.</param>
    /// <param name="isEvaluationDue">Whether the evaluation was interrupted: it comes before the next update.</param>
    void Updated(in UpdateResult update, Trainer trainer, double trainSeconds, bool isEvaluationDue);

    /// <summary>An evaluation is done, during the run or after its end.</summary>
    /// <param name="evaluation">What it came to.</param>
    /// <param name="trainer">Its totals so far; of an update that <see cref="Updated"/> tells of afterwards, the newest included.</param>
    void Evaluated(EvaluationResult evaluation, Trainer trainer)
    {
    }

    /// <summary>The budget is used up, or the target reached; a final evaluation may follow.</summary>
    /// <param name="trainer">Its totals.</param>
    /// <param name="passed">The evaluation that reached the target; null if the budget is used up.</param>
    void Ended(Trainer trainer, EvaluationResult? passed)
    {
    }
}
