using PgFast.Randomness;
using PgFast.Rollouts;
using PgFast.Tests.Support;

namespace PgFast.Tests.Rollouts;

public unsafe class ActionWordsTests
{
    [Fact]
    public void Row_EpisodesStartedAndMovedAtAnyRow_GivesTheScalarWordOfEpisodeAndStep()
    {
        const int Lanes = 64, Rows = 400;
        const ulong Seed = 0xFEDC_BA98_7654_3210;
        Noise noise = new(1);
        using ActionWords words = ActionWords.Create();
        words.Seed = Seed;
        words.Stream = RandomStream.EvaluationAction;
        ulong[] episode = new ulong[Lanes];
        int[] start = new int[Lanes];
        int restarts = 0, moves = 0;
        for (int lane = 0; lane < Lanes; lane++)
            Start(lane, 0);
        for (int row = 0; row < Rows; row++)
        {
            if (ActionWords.IsDue(row))
                words.Advance(Lanes);
            uint* actual = (uint*)words.Row(row);
            for (int lane = 0; lane < Lanes; lane++)
            {
                int step = row - start[lane];
                uint expected = Philox.Generate(Seed, RandomStream.EvaluationAction, episode[lane], (uint)step / 4)[step % 4];
                Assert.True(expected == actual[lane], $"row {row}, lane {lane}, step {step}");
            }

            for (int lane = 0; lane < Lanes; lane++)
            {
                // Some lanes start again, often after a step or two; some episodes go on in another lane.
                switch (noise.Next(0, lane % 3 == 0 ? 4 : 20))
                {
                    case 0:
                        Start(lane, row + 1);
                        restarts++;
                        break;
                    case 1:
                        int to = noise.Next(0, Lanes);
                        words.Move(lane, to);
                        (episode[to], start[to]) = (episode[lane], start[lane]);
                        moves++;
                        break;
                }
            }
        }

        Assert.True(restarts > 1000 && moves > 1000, "the test must restart and move many lanes");

        void Start(int lane, int row)
        {
            episode[lane] = noise.Word() | (ulong)noise.Word() << 32;
            start[lane] = row;
            words.Start(lane, episode[lane], row);
        }
    }
}
