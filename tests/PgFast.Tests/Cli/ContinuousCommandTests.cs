using System.Text.Json;

namespace PgFast.Tests.Cli;

/// <summary>Continuous actions on the command line: policies that fit and do not fit, and a σ that collapses.</summary>
public class ContinuousCommandTests
{
    [Fact]
    public void Evaluate_PolicyOfTheOtherKind_ExitsTwoAndSaysWhatBothAre()
    {
        string directory = Directory.CreateTempSubdirectory().FullName;
        try
        {
            string gaussian = Path.Combine(directory, "gaussian"), softmax = Path.Combine(directory, "softmax");
            Assert.Equal(0, Pgfast.Run($"train pendulum --updates 1 --threads 1 --eval-episodes 10 --json --out {gaussian}").ExitCode);
            Assert.Equal(0, Pgfast.Run($"train cartpole --updates 1 --threads 1 --eval-episodes 10 --json --out {softmax}").ExitCode);
            var wrong = Pgfast.Run($"evaluate cartpole --policy {gaussian}");
            Assert.Equal(2, wrong.ExitCode);
            Assert.Contains("is a Gaussian for continuous actions", wrong.Error, StringComparison.Ordinal);
            wrong = Pgfast.Run($"evaluate pendulum --policy {softmax}");
            Assert.Equal(2, wrong.ExitCode);
            Assert.Contains("is a softmax for discrete actions", wrong.Error, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    [Fact]
    public void Evaluate_NormalisedPolicy_KeepsItsScaling()
    {
        string directory = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        try
        {
            JsonElement trained = Pgfast.Run($"train mountain-car-continuous --updates 30 --threads 1 --eval-episodes 400 --json --out {directory}").Json();
            JsonElement evaluated = Pgfast.Run($"evaluate --policy {directory} --seed 1 --episodes 400 --json").Json();
            // The same seed and the same streams: the same episodes, if observations are scaled as they were in training.
            Assert.Equal(trained.GetProperty("evaluation").GetProperty("meanReturn").GetDouble(), evaluated.GetProperty("meanReturn").GetDouble());
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    [Fact]
    public void Train_DeviationThatCollapses_ExitsOneNamingTensorUpdateAndValue()
    {
        var run = Pgfast.Run("train pendulum --sigma-start 1e-7 --lr 50 --threads 1");
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("Update 1: log σ of policy.log_std became -", run.Error, StringComparison.Ordinal);
        Assert.Contains("collapsed", run.Error, StringComparison.Ordinal);
    }
}
