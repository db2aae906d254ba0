using PgFast.Rollouts;

namespace PgFast.Tests.Rollouts;

public class WorkerPoolTests
{
    // Nothing here takes a second; a test that waits this long has found a lost wake-up.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public static TheoryData<int, int> Sizes
    {
        get
        {
            TheoryData<int, int> rows = [];
            foreach (int workers in new[] { 1, 2, 3, 8 })
            {
                foreach (int items in new[] { 0, 1, 2, 3, 7, 8, 9, 500 })
                    rows.Add(workers, items);
            }

            return rows;
        }
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public Task Run_AnyNumberOfItems_RunsEachOnceOnAKnownWorker(int workers, int items) => InTime(() =>
    {
        using WorkerPool pool = new(workers);
        int[] runs = new int[items];
        int strangers = 0;
        pool.Run(items, (worker, item) =>
        {
            if (worker < 0 || worker >= workers)
                Interlocked.Increment(ref strangers);
            Interlocked.Increment(ref runs[item]);
        });
        Assert.All(runs, count => Assert.Equal(1, count));
        Assert.Equal(0, strangers);
    });

    [Fact]
    public Task Run_ManyPhases_RunsEveryItemOnceInEach() => InTime(() =>
    {
        const int Phases = 5000, Items = 13;
        using WorkerPool pool = new(3);
        int[] runs = new int[Items];
        Action<int, int> body = (_, item) => runs[item]++;
        for (int phase = 1; phase <= Phases; phase++)
        {
            pool.Run(Items, body);
            // Plain increments: the end of a phase must make them visible to the caller, and its start to the next worker.
            Assert.All(runs, count => Assert.Equal(phase, count));
        }
    });

    [Fact]
    public Task Run_WorkersFallAsleepBetweenPhases_AreWoken() => InTime(() =>
    {
        using WorkerPool pool = new(4);
        int runs = 0;
        Action<int, int> body = (_, _) => Interlocked.Increment(ref runs);
        for (int phase = 1; phase <= 60; phase++)
        {
            pool.Run(4, body);
            Assert.Equal(4 * phase, runs);
            // Around the moment at which a spinning worker goes to sleep, and well after it.
            Thread.Sleep(TimeSpan.FromMicroseconds(phase % 3 == 0 ? 2000 : phase * 4));
        }
    });

    [Fact]
    public Task Run_SleepAndWakeUnderStress_LosesNothing() => InTime(() =>
    {
        using WorkerPool pool = new(5);
        long sum = 0;
        Action<int, int> body = (_, item) => Interlocked.Add(ref sum, item);
        long expected = 0;
        for (int phase = 0; phase < 3000; phase++)
        {
            int items = phase % 11;
            pool.Run(items, body);
            expected += items * (items - 1) / 2;
            Assert.Equal(expected, Interlocked.Read(ref sum));
            Thread.SpinWait(phase % 7 * 2000);
        }
    });

    [Theory]
    [InlineData(1, 5)]
    [InlineData(3, 1)]
    [InlineData(3, 50)]
    public Task Run_BodyThrows_TellsTheCallerAndGoesOnWorking(int workers, int items) => InTime(() =>
    {
        using WorkerPool pool = new(workers);
        for (int round = 0; round < 20; round++)
        {
            Exception exception = Assert.ThrowsAny<Exception>(() => pool.Run(items, (_, item) =>
            {
                if (item == items - 1)
                    throw new FormatException("found me");
            }));
            Assert.IsType<FormatException>(exception is AggregateException aggregate ? aggregate.InnerException : exception);
            int runs = 0;
            pool.Run(items, (_, _) => Interlocked.Increment(ref runs));
            Assert.Equal(items, runs);
        }
    });

    [Fact]
    public Task Dispose_WorkersAsleep_StopsThem() => InTime(() =>
    {
        for (int round = 0; round < 20; round++)
        {
            WorkerPool pool = new(4);
            if (round % 2 == 0)
                pool.Run(4, (_, _) => { });
            if (round % 3 != 0)
                Thread.Sleep(2);
            pool.Dispose();
        }
    });

    [Fact]
    public Task AllocatedBytes_AllocatingBody_AreCounted() => InTime(() =>
    {
        using WorkerPool pool = new(2);
        using Barrier together = new(2);
        pool.Run(2, (_, _) =>
        {
            // Both items at once, so one of them is the background worker's.
            together.SignalAndWait();
            GC.KeepAlive(new byte[100_000]);
        });
        Assert.InRange(pool.AllocatedBytes, 100_000, 120_000);
    });

    [Fact]
    public void Constructor_NoWorkers_Throws() => Assert.Throws<ArgumentOutOfRangeException>(() => new WorkerPool(0));

    private static async Task InTime(Action body) => await Task.Run(body).WaitAsync(Patience);
}
