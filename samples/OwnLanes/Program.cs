using OwnLanes;
using PgFast.Checking;
using PgFast.Estimators;
using PgFast.Training;

// Does the environment keep the rules that the engine relies on? Do this once, in a test: it says what is wrong and where.
EnvironmentCheck check = EnvironmentChecker.Check<BallAndBeam>();
check.ThrowIfFailed();
Console.WriteLine($"{check.Name}: checked in {check.Steps:N0} steps of random actions, {check.Episodes:N0} episodes");

using Trainer<BallAndBeam> trainer = new(new TrainerOptions { Baseline = Baseline.Time, StepSize = 0.02f });
Console.WriteLine($"untrained: mean return {trainer.Evaluate().MeanReturn:0.0}");
TrainingResult result = trainer.TrainUntil(BallAndBeam.Specification.SolvedReturn!.Value, maximumUpdates: 2000);
Console.WriteLine($"trained:   mean return {result.Evaluation.MeanReturn:0.0} after {result.Updates} updates, {result.EnvironmentSteps:N0} steps, {1000 * result.TrainSeconds:0} ms");
return result.Solved ? 0 : 1;
