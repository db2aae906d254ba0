using System.Diagnostics;
using Crowd;
using PgFast.Agents;
using PgFast.Environments;
using PgFast.Training;

// A crowd in one loop that this program owns: every frame it asks the agent for a push for each walker, moves them, and tells what came of it.
const int Walkers = 3000, Frames = 4000, Window = 500;
AgentSpecification specification = new("Crowd", World.ObservationSize, ActionSpace.Discrete(World.Actions), World.MaximumSteps);
using Agent agent = new(specification, Walkers, new TrainerOptions { BatchSize = 512, StepSize = 0.01f }, updatesInBackground: true);
World world = new(Walkers);
for (int walker = 0; walker < Walkers; walker++)
    world.Enter(agent.Add());

int[] actions = new int[Walkers];
double[] milliseconds = new double[Window];
double first = double.NaN, last = double.NaN;
for (int frame = 0; frame < Frames; frame++)
{
    long start = Stopwatch.GetTimestamp();
    agent.Act(world.Observations, actions);
    world.Move(actions);
    agent.Observe(world.Rewards, world.Arrived, world.GaveUp);
    if (agent.Update() is { } update)
    {
        last = update.MeanReturn;
        first = double.IsNaN(first) ? last : first;
    }

    // Now and then one leaves, wherever it is, and another comes in its place.
    agent.Remove(frame % Walkers);
    world.Enter(agent.Add());
    milliseconds[frame % Window] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    if ((frame + 1) % Window != 0)
        continue;
    Array.Sort(milliseconds);
    Console.WriteLine(
        $"frame {frame + 1,5}  updates {agent.UpdateCount,3}  mean return {last,7:0.00}  frame time {milliseconds[Window / 2]:0.00} ms, slowest of {Window} {milliseconds[^1]:0.00} ms");
}

return last > first + 1 ? 0 : 1;
