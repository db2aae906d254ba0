using System.Diagnostics.Metrics;
using PgFast.Agents;
using PgFast.Environments;
using PgFast.Training;

namespace PgFast.Tests.Telemetry;

/// <summary>Watching allocates nothing an update: not where nobody watches, and not where a meter's listener does.</summary>
[Collection(TelemetryTestGroup.Name)]
public class TelemetryAllocationTests
{
    private static long _heard;

    [Theory]
    [InlineData(1)]
    [InlineData(16)]
    public void Train_NothingAttached_AllocatesNothing(int batch)
    {
        using Trainer<CartPole> trainer = new(new TrainerOptions { BatchSize = batch, Threads = 1, MeasureEntropy = true });
        Assert.Equal(0, AllocatedBy(() => trainer.Train(20)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(16)]
    public void Train_MeterListenerAttached_AllocatesNothing(int batch)
    {
        using Trainer<CartPole> trainer = new(new TrainerOptions { BatchSize = batch, Threads = 1, MeasureEntropy = true });
        using MeterListener listener = Listen();
        long heard = _heard;
        Assert.Equal(0, AllocatedBy(() => trainer.Train(20)));
        Assert.True(_heard > heard, "the listener heard nothing");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Act_WithAndWithoutListener_AllocatesNothing(bool isListened)
    {
        using Agent agent = new(new AgentSpecification("Nobody's", 4, ActionSpace.Discrete(2), 15), 8, new TrainerOptions { BatchSize = 2, Threads = 1 });
        agent.Add();
        float[] observations = new float[32], rewards = new float[8];
        int[] actions = new int[8];
        bool[] never = new bool[8];
        using MeterListener? listener = isListened ? Listen() : null;
        long heard = _heard;
        Assert.Equal(0, AllocatedBy(() =>
        {
            agent.Act(observations, actions);
            agent.Observe(rewards, never, never);
            agent.Update();
        }));
        Assert.Equal(isListened, _heard > heard);
    }

    private static MeterListener Listen()
    {
        MeterListener listener = new()
        {
            InstrumentPublished = static (instrument, listener) =>
            {
                if (instrument.Meter.Name == "PgFast")
                    listener.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>(static (_, _, _, _) => _heard++);
        listener.SetMeasurementEventCallback<double>(static (_, _, _, _) => _heard++);
        listener.Start();
        return listener;
    }

    private static long AllocatedBy(Action body)
    {
        for (int i = 0; i < 100; i++)
            body(); // Past tier 0 and static constructors.
        long before = GC.GetAllocatedBytesForCurrentThread();
        body();
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }
}
