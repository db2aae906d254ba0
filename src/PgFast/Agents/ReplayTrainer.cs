using PgFast.Environments;
using PgFast.Training;

namespace PgFast.Agents;

/// <summary>Updates from the episodes of a store.</summary>
internal sealed class ReplayTrainer(BatchedEnvironment environment, TrainerOptions options) : Trainer(environment, options, TrainingTelemetry.Agent);
