using OwnScalar;
using PgFast.Checking;
using PgFast.Environments;
using PgFast.Estimators;
using PgFast.Training;

EnvironmentCheck check = EnvironmentChecker.CheckScalar<ServerQueue>();
check.ThrowIfFailed();
Console.WriteLine($"{check.Name}: checked, rewards from {check.SmallestReward:0.0} to {check.LargestReward:0.0}");

// The adapter steps the lanes one by one; network, random numbers and gradient still work on all of them at once.
using Trainer<ScalarEnvironment<ServerQueue>> trainer = new(new TrainerOptions { Baseline = Baseline.Time, StepSize = 0.01f, BatchSize = 128 });
double before = trainer.Evaluate().MeanReturn;
for (int update = 0; update < 200; update++)
    trainer.Update();
double after = trainer.Evaluate().MeanReturn;
Console.WriteLine($"mean cost of a day: {-before:0.0} before, {-after:0.0} after {trainer.EnvironmentSteps:N0} steps");
return after > 0.7 * before ? 0 : 1;
