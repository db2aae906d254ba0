using PgFast.Environments;
using PgFast.Files;
using PgFast.Policies;
using PgFast.Reference;
using PgFast.Tests.Support;
using PgFast.Training;

namespace PgFast.Tests.Training;

/// <summary>Running means and deviations of observations: right, frozen within a batch, the same on any number of threads, kept in files.</summary>
public class ObservationNormalisationTests
{
    // Scaled observations are rounded to single precision; their sums are in double.
    private const double Tolerance = 2e-6;

    private static readonly TrainerOptions Normalised = new() { BatchSize = 130, NormalizeObservations = true, Threads = 2, Seed = 5 };

    [Fact]
    public void Update_SeveralBatches_HasTheMomentsOfAllObservations()
    {
        using Trainer<CartPole> trainer = new(Normalised);
        List<double[]> all = [];
        ulong id = 0;
        for (int update = 0; update < 5; update++)
        {
            float[] mean = trainer.ObservationScaling!.Mean.ToArray(), deviation = trainer.ObservationScaling.Deviation.ToArray();
            if (update == 0)
                Assert.Equal([0, 0, 0, 0, 1, 1, 1, 1], [.. mean, .. deviation]);
            trainer.Update();
            foreach (RecordedEpisode episode in trainer.Shards.SelectMany(shard => RecordedEpisode.Read(shard.Trajectory)))
            {
                // Every episode of the batch, early or late, was seen with the scaling from before it.
                double[] start = ReferenceCartPole.Reset(5, id++).Observation;
                for (int k = 0; k < 4; k++)
                    Assert.Equal((start[k] - mean[k]) / deviation[k], episode.Observations[0][k], 1e-5);
                all.AddRange(episode.Observations.Select(seen => seen.Select((value, k) => (double)value * deviation[k] + mean[k]).ToArray()));
            }

            Assert.Equal(trainer.EnvironmentSteps, all.Count);
            for (int k = 0; k < 4; k++)
            {
                double expectedMean = all.Average(x => x[k]);
                double expected = Math.Sqrt(all.Average(x => (x[k] - expectedMean) * (x[k] - expectedMean)));
                Assert.Equal(expectedMean, trainer.ObservationScaling!.Mean[k], Tolerance * expected);
                Assert.Equal(expected, trainer.ObservationScaling.Deviation[k], Tolerance * expected);
            }
        }
    }

    [Fact]
    public void Update_FeatureThatNeverChanges_IsCentredAndNotDivided()
    {
        using Trainer<Plane> trainer = new(Normalised with { BatchSize = 1000 });
        for (int update = 0; update < 3; update++)
        {
            trainer.Update();
            Assert.Equal((Plane.Constant, 1f), (trainer.ObservationScaling!.Mean[2], trainer.ObservationScaling.Deviation[2]));
            Assert.InRange(trainer.ObservationScaling.Deviation[0], 0.1f, 2f);
        }
    }

    [Fact]
    public void Update_AnyNumberOfThreads_HasTheSameBits()
    {
        List<string> hashes = [];
        foreach (int threads in new[] { 1, 2, 3 })
        {
            using Trainer<CartPole> trainer = new(Normalised with { Threads = threads });
            for (int update = 0; update < 4; update++)
                trainer.Update();
            hashes.Add(trainer.ParameterHash() + Trainer.ParameterHashOf([.. trainer.ObservationScaling!.Mean, .. trainer.ObservationScaling.Deviation]));
        }

        Assert.Single(hashes.Distinct());
    }

    [Fact]
    public void PolicyFile_OfANormalisedRun_EvaluatesTheSame()
    {
        using Trainer<Plane> trainer = new(Normalised with { ActionScale = 0.7f, HiddenSizes = [6] });
        for (int update = 0; update < 3; update++)
            trainer.Update();
        PolicyFile saved = new(trainer.Shape, trainer.Parameters)
        {
            Distribution = trainer.Distribution,
            ObservationScaling = trainer.ObservationScaling,
            ActionScale = 0.7f,
        };
        PolicyFile loaded = PolicyFile.FromSafeTensors(saved.ToSafeTensors());
        Assert.Equal((trainer.Distribution, 0.7f), (loaded.Distribution, loaded.ActionScale));
        Bits.AssertEqual(trainer.Parameters, loaded.Parameters, "parameters");

        using Trainer<Plane> other = new(Normalised with { ActionScale = 0.7f, HiddenSizes = [6] });
        other.SetParameters(loaded.Parameters);
        Assert.NotEqual(trainer.Evaluate(200).MeanReturn, other.Evaluate(200).MeanReturn);
        other.SetObservationScaling(loaded.ObservationScaling!);
        Assert.Equal(trainer.Evaluate(200).MeanReturn, other.Evaluate(200).MeanReturn);

        using Policy policy = trainer.CreatePolicy(), copy = loaded.CreatePolicy();
        float[] action = new float[2], again = new float[2];
        policy.Sample([0.5f, -0.25f, 0.3f], [77, 88], action);
        copy.Sample([0.5f, -0.25f, 0.3f], [77, 88], again);
        Bits.AssertEqual(action, again, "action");
    }

    [Fact]
    public void SetObservationScaling_WhereItDoesNotBelong_Throws()
    {
        using Trainer<CartPole> plain = new(new TrainerOptions { BatchSize = 4, Threads = 1 });
        Assert.Null(plain.ObservationScaling);
        Assert.Throws<InvalidOperationException>(() => plain.SetObservationScaling(new ObservationScaling([0, 0, 0, 0], [1, 1, 1, 1])));
        using Trainer<CartPole> normalised = new(Normalised with { BatchSize = 4 });
        Assert.Throws<ArgumentException>("scaling", () => normalised.SetObservationScaling(new ObservationScaling([0], [1])));
    }

    [Fact]
    public void Update_Evaluations_LeaveTheMomentsAlone()
    {
        using Trainer<CartPole> trainer = new(Normalised);
        trainer.Update();
        float[] before = trainer.ObservationScaling!.Mean.ToArray();
        trainer.Evaluate(100);
        Bits.AssertEqual(before, trainer.ObservationScaling.Mean, "means");
    }
}
