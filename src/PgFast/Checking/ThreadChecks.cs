using System.Security.Cryptography;
using PgFast.Environments;

namespace PgFast.Checking;

/// <summary>Several threads that walk at once must see what one sees alone: state that a type keeps for itself shows.</summary>
internal static class ThreadChecks<TEnvironment> where TEnvironment : struct, IBatchedEnvironment<TEnvironment>
{
    private const int Lanes = EnvironmentWalk<TEnvironment>.Lanes;
    private const int Threads = 4;
    private const int Steps = 200;

    public static void Run(ProblemList problems, ulong seed)
    {
        string[] alone = [.. Enumerable.Range(0, Threads).Select(thread => Walk(seed + (ulong)thread))];
        string[] together = new string[Threads];
        Exception? failure = null;
        Thread[] threads =
        [
            .. Enumerable.Range(0, Threads).Select(index => new Thread(() =>
            {
                try
                {
                    together[index] = Walk(seed + (ulong)index);
                }
                catch (Exception exception)
                {
                    failure = exception;
                }
            })),
        ];
        foreach (Thread thread in threads)
            thread.Start();
        foreach (Thread thread in threads)
            thread.Join();
        if (failure is not null)
            problems.Add(Rules.Threads, $"{Threads} threads at once: {CallException.TextOf(failure)}");
        else if (!alone.SequenceEqual(together))
            problems.Add(Rules.Threads, $"{Threads} threads at once see other episodes than one thread alone: the type must own no state");
    }

    private static string Walk(ulong seed)
    {
        using EnvironmentWalk<TEnvironment> walk = new(seed);
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        walk.Begin(16);
        for (int step = 0; step < Steps; step++)
        {
            walk.Draw();
            ulong terminated = walk.Probe.Step(Lanes, 16);
            hash.AppendData(BitConverter.GetBytes(terminated));
            for (int lane = 0; lane < Lanes; lane++)
            {
                hash.AppendData(BitConverter.GetBytes(walk.Probe.Reward[0, lane]));
                for (int row = 0; row < walk.Probe.NextState.Rows; row++)
                    hash.AppendData(BitConverter.GetBytes(walk.Probe.NextState[row, lane]));
            }

            walk.Advance(terminated, 16);
        }

        return Convert.ToHexString(hash.GetHashAndReset());
    }
}
