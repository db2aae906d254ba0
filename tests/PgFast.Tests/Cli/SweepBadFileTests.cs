using PgFast.Cli;
using PgFast.Cli.Sweeps;

namespace PgFast.Tests.Cli;

/// <summary>What is wrong in a sweep file is refused with the file, the key, what is allowed and what was found.</summary>
public class SweepBadFileTests
{
    private const string Environment = "environment = 'cartpole'\n";

    private const string Top = Environment + "updates = 3\n";

    private const string Grid = "\n[grid]\nlr = [0.1, 0.2]\n";

    [Theory]
    // Names.
    [InlineData(Top + "sed = 3" + Grid, "unknown key 'sed'", "did you mean 'seed'?")]
    [InlineData(Top + "gird = 3" + Grid, "unknown key 'gird'", "keys are name, description, environment, seeds")]
    [InlineData(Top + "[options]\nbach = 8" + Grid, "unknown key 'options.bach'", "did you mean 'batch'?")]
    [InlineData(Top + "[options]\nseed = 8" + Grid, "unknown key 'options.seed'", "keys are preset, hidden, bias")]
    [InlineData(Top + "[options]\nname = 'a'" + Grid, "unknown key 'options.name'", "keys are preset, hidden, bias")]
    [InlineData(Top + "[grid]\nlrr = [1]", "unknown key 'grid.lrr'", "did you mean 'lr'?")]
    [InlineData(Top + "[grid]\nGamma = [1]", "unknown key 'grid.Gamma'", "did you mean 'gamma'?")]
    [InlineData(Top + "[[variants]]\nname = 'a'\n[[variants]]\nname = 'b'\nbasline = 'none'", "unknown key 'variants[1].basline'", "did you mean 'baseline'?")]
    [InlineData(Top + "reference = { lrr = 0.1 }" + Grid, "unknown key 'reference.lrr'", "did you mean 'lr'?")]
    [InlineData(Top + "reference = { batch = 8 }" + Grid, "unknown key 'reference.batch'", "keys are lr")]
    [InlineData(Top + "scale = { cartpol = [0, 1] }" + Grid, "unknown key 'scale.cartpol'", "did you mean 'cartpole'?")]
    // The grid.
    [InlineData(Top, "the grid is empty", "[[variants]]")]
    [InlineData(Top + "[grid]\n[options]\nlr = 0.1", "the grid is empty", "[grid] lists the values of at least one option")]
    [InlineData(Top + "grid = 3", "grid must be a table", "not 3")]
    [InlineData(Top + "options = [1]" + Grid, "options must be a table", "not [1]")]
    [InlineData(Top + "[grid]\nlr = []", "grid.lr must be a list of values that is not empty", "not an empty list")]
    [InlineData(Top + "[grid]\nlr = 0.1", "grid.lr must be a list of values", "not 0.1")]
    [InlineData(Top + "[grid]\nlr = [0.1, 0.10]", "grid.lr lists 0.1 twice", "sweep.toml")]
    [InlineData(Top + "[grid]\nlr = [1, 1.0]", "grid.lr lists 1 twice", "sweep.toml")]
    [InlineData(Top + "[grid]\nhidden = [[], 'none']", "grid.hidden lists none twice", "sweep.toml")]
    [InlineData(Top + "[grid]\nbaseline = ['mean', 'Mean']", "grid.baseline lists mean twice", "sweep.toml")]
    [InlineData(Top + "[grid]\nlr = ['2^-1', 0.5]", "configurations 'lr 2^-1' and 'lr 0.5' are the same", "sweep.toml")]
    [InlineData(Top + "[grid]\nbaseline = ['none']\n[[variants]]\nname = 'a'\nbatch = 64\n[[variants]]\nname = 'b'", "configurations 'a' and 'b' are the same", "sweep.toml")]
    [InlineData(Top + "[options]\nlr = 0.1" + Grid, "lr is given in options and in grid", "once")]
    [InlineData(Top + "[[variants]]\nname = 'a'\n[[variants]]\nname = 'b'\nlr = 3" + Grid, "lr is given in variants and in grid", "once")]
    [InlineData(Top + "[[variants]]\nname = 'a'\n[[variants]]\nlr = 3", "variants[1].name is missing", "every variant has one")]
    [InlineData(Top + "[[variants]]\nname = ''", "variants[0].name must be a text", "not \"\"")]
    [InlineData(Top + "[[variants]]\nname = 3", "variants[0].name must be a text", "not 3")]
    [InlineData(Top + "[[variants]]\nname = 'a'\n[[variants]]\nname = 'A'\nlr = 3", "two variants have the name 'a'", "sweep.toml")]
    [InlineData(Top + "variants = []", "variants must be a list of tables that is not empty", "not an empty list")]
    [InlineData(Top + "variants = ['a']", "variants must be a list of tables", "not [\"a\"]")]
    // Values, with the command line's own checks.
    [InlineData(Top + "[grid]\nlr = [0.1, -1]", "grid.lr must be a number above 0", "not '-1'")]
    [InlineData(Top + "[grid]\nbatch = [8, 1.5]", "grid.batch must be a whole number from 1 to 16,777,216", "not '1.5'")]
    [InlineData(Top + "[options]\nbatch = 0" + Grid, "options.batch must be a whole number from 1 to 16,777,216", "not '0'")]
    [InlineData(Top + "[options]\nlr = [0.1, 0.2]", "options.lr must be a number above 0", "not '0.1,0.2'")]
    [InlineData(Top + "[options]\nbaseline = ''" + Grid, "options.baseline must be none, mean, time or value", "not an empty text")]
    [InlineData(Top + "[grid]\nbaseline = ['tim']", "grid.baseline must be none, mean, time or value, not 'tim'", "did you mean 'time'?")]
    [InlineData(Top + "[[variants]]\nname = 'a'\nestimator = 'totl'", "variants[0].estimator must be total, reward-to-go or discounted", "did you mean 'total'?")]
    [InlineData(Top + "[options]\nnormalize = 'maybe'" + Grid, "options.normalize must be on or off", "not 'maybe'")]
    [InlineData(Top + "[grid]\nhidden = [[[32]]]", "grid.hidden must be a value or a flat list", "not [[[32]]]")]
    [InlineData(Top + "[options]\nlr = { a = 1 }\n[grid]\nbatch = [1]", "options.lr must be a number, a text, true or false", "not {\"a\":1}")]
    [InlineData(Top + "[grid]\nlr = [0.1, 1979-05-27]", "grid.lr[1] must be a finite number, a text, true, false", "not 1979-05-27")]
    [InlineData(Top + "[[variants]]\nname = 'a'\nlr = 07:32:00", "variants[0].lr must be a finite number, a text", "not 07:32:00")]
    [InlineData(Top + "[grid]\nlr = [inf]", "grid.lr[0] must be a finite number", "not Infinity")]
    [InlineData(Top + "confidence = nan" + Grid, "confidence must be a finite number", "not NaN")]
    // Options that contradict the environment or each other.
    [InlineData(Top + "[options]\nsigma = 'free'" + Grid, "configuration 'lr 0.1': --sigma is for continuous actions", "those of cartpole are discrete")]
    [InlineData("environment = ['pendulum', 'cartpole']\nupdates = 3\n[grid]\naction-scale = [2]", "configuration 'action-scale 2': --action-scale is for", "cartpole")]
    [InlineData(Top + "[grid]\nvalue-lr = [0.1]\nbaseline = ['value', 'none']", "configuration 'baseline none': --value-lr needs --baseline value", "sweep.toml")]
    [InlineData(Top + "[options]\nmomentum = 0.5" + Grid, "configuration 'lr 0.1': --momentum must be", "sgd")]
    public void Read_BadOptions_AreRefused(string toml, string names, string allows) => AssertRefused("dir/sweep.toml", toml, names, allows);

    [Theory]
    [InlineData("updates = 3" + Grid, "environment is missing", "an environment's name or a list of them")]
    [InlineData("environment = 'cartpol'\nupdates = 3" + Grid, "environment: unknown environment 'cartpol'", "did you mean 'cartpole'?")]
    [InlineData("environment = ['cartpole', 'corridr']\nupdates = 3" + Grid, "environment: unknown environment 'corridr'", "did you mean 'corridor'?")]
    [InlineData("environment = ['cartpole', 'CartPole']\nupdates = 3" + Grid, "environment lists cartpole twice", "sweep.toml")]
    [InlineData("environment = []\nupdates = 3" + Grid, "environment must be a text or a list of texts that is not empty", "not an empty list")]
    [InlineData("environment = 3\nupdates = 3" + Grid, "environment must be a text or a list of texts", "not 3")]
    [InlineData(Environment + Grid, "budget is either updates or env-steps", "neither is given")]
    [InlineData(Top + "env-steps = 3" + Grid, "budget is either updates or env-steps", "both are given")]
    [InlineData(Environment + "updates = 0" + Grid, "updates must be a whole number of at least 1", "not 0")]
    [InlineData(Environment + "updates = 1.5" + Grid, "updates must be a whole number", "not 1.5")]
    [InlineData(Environment + "env-steps = -4" + Grid, "env-steps must be a whole number of at least 1", "not -4")]
    [InlineData(Environment + "env-steps = 'many'" + Grid, "env-steps must be a whole number", "not \"many\"")]
    [InlineData(Environment + "env-steps = 1e300" + Grid, "env-steps must be a whole number", "not 1E+300")]
    [InlineData(Top + "name = ' '" + Grid, "name must be a text", "not \" \"")]
    [InlineData(Top + "description = true" + Grid, "description must be a text", "not true")]
    [InlineData(Top + "seeds = 0" + Grid, "seeds must be a whole number from 1 to 1,000,000", "not 0")]
    [InlineData(Top + "seeds = 1_000_001" + Grid, "seeds must be a whole number from 1 to 1,000,000", "not 1000001")]
    [InlineData(Top + "seeds = 'ten'" + Grid, "seeds must be a whole number", "not \"ten\"")]
    [InlineData(Top + "seeds = []" + Grid, "seeds must be a number of seeds or a list that is not empty", "not an empty list")]
    [InlineData(Top + "seeds = [1, 2, 1]" + Grid, "seeds lists 1 twice", "sweep.toml")]
    [InlineData(Top + "seeds = [1, -1]" + Grid, "seeds must be a number of seeds or a list of whole numbers of at least 0", "not [1,-1]")]
    [InlineData(Top + "seeds = [1.5]" + Grid, "seeds must be a number of seeds or a list of whole numbers", "not [1.5]")]
    [InlineData(Top + "seeds = ['1']" + Grid, "seeds must be a number of seeds or a list of whole numbers", "not [\"1\"]")]
    [InlineData(Top + "seeds = [1, 2]\nseed = 3" + Grid, "seed is the first of a number of seeds", "seeds lists them one by one")]
    [InlineData(Top + "seed = -1" + Grid, "seed must be a whole number from 0", "not -1")]
    [InlineData(Top + "score = 'finl'" + Grid, "score must be final or curve", "not \"finl\"")]
    [InlineData(Top + "score = 1" + Grid, "score must be a text", "not 1")]
    [InlineData(Top + "points = 1" + Grid, "points must be a whole number from 2 to 10,000", "not 1")]
    [InlineData(Top + "points = 10_001" + Grid, "points must be a whole number from 2 to 10,000", "not 10001")]
    [InlineData(Top + "points = 2.5" + Grid, "points must be a whole number", "not 2.5")]
    [InlineData(Top + "confidence = 1" + Grid, "confidence must be a number between 0 and 1", "not 1")]
    [InlineData(Top + "confidence = 0.0" + Grid, "confidence must be a number between 0 and 1", "not 0")]
    [InlineData(Top + "confidence = '95 %'" + Grid, "confidence must be a number between 0 and 1", "not \"95 %\"")]
    [InlineData(Top + "replicates = 0" + Grid, "replicates must be a whole number from 1 to 1,000,000", "not 0")]
    [InlineData(Top + "eval-episodes = 0" + Grid, "eval-episodes must be a whole number from 1 to 16,777,216", "not 0")]
    [InlineData(Top + "reference = { lr = 0.3 }" + Grid, "reference describes no configuration", "sweep.toml")]
    [InlineData(Top + "reference = { lr = 0.1 }" + Grid + "batch = [8, 16, 32]", "reference describes 3 configurations", "a value of every axis")]
    [InlineData(Top + "reference = {}" + Grid, "reference describes 2 configurations", "a value of every axis")]
    [InlineData(Top + "reference = 'lr 0.1'" + Grid, "reference must be a table", "not \"lr 0.1\"")]
    [InlineData(Top + "scale = { cartpole = [500, 9] }" + Grid, "scale.cartpole must be two returns", "not [500,9]")]
    [InlineData(Top + "scale = { cartpole = [9, 9] }" + Grid, "scale.cartpole must be two returns", "a greater one of a score of 1, not [9,9]")]
    [InlineData(Top + "scale = { cartpole = [9] }" + Grid, "scale.cartpole must be two returns", "not [9]")]
    [InlineData(Top + "scale = { cartpole = ['9', 10] }" + Grid, "scale.cartpole must be two returns", "not [\"9\",10]")]
    [InlineData(Top + "scale = { cartpole = [0, inf] }" + Grid, "scale.cartpole[1] must be a finite number", "not Infinity")]
    [InlineData(Top + "scale = {}" + Grid, "scale.cartpole is missing; it must be two returns", "sweep.toml")]
    [InlineData(Top + "scale = [0, 1]" + Grid, "scale must be a table", "not [0,1]")]
    [InlineData(Top + "updates = 4" + Grid, "is not TOML: line 3, column 1", "`updates`")]
    [InlineData(Top + "[grid]\nlr = [0.1]\nlr = [0.2]", "is not TOML: line 5, column 1", "lr`")]
    [InlineData(Top + Grid + Grid, "is not TOML: line", "grid")]
    [InlineData(Top + "score = " + Grid, "is not TOML: line 3, column", "sweep.toml")]
    public void Read_BadSetting_IsRefused(string toml, string names, string allows) => AssertRefused("dir/sweep.toml", toml, names, allows);

    [Theory]
    [InlineData("", "is not JSON", "sweep.json")]
    [InlineData("{\n\"environment\" 3}", "is not JSON: line 2, column 15", "sweep.json")]
    [InlineData("[]", "must hold a JSON object", "sweep.json")]
    [InlineData("null", "must hold a JSON object", "sweep.json")]
    [InlineData("{'updates': 3, 'updates': 4}", "is not JSON", "updates")]
    [InlineData("{'environment': 'cartpole', 'updates': 3, 'grid': {'lr': [1], 'lr': [2]}}", "is not JSON", "lr")]
    [InlineData("{'environment': 'cartpole', 'updates': null, 'grid': {'lr': [1]}}", "updates must be a value, not null", "sweep.json")]
    [InlineData("{'environment': [null], 'updates': 3, 'grid': {'lr': [1]}}", "environment must be texts", "not [null]")]
    [InlineData("{'environment': 'cartpole', 'updates': 3, 'grid': null}", "grid must be a value, not null", "sweep.json")]
    [InlineData("{'environment': 'cartpole', 'updates': 3, 'grid': {'lr': null}}", "grid.lr must be a value, not null", "sweep.json")]
    [InlineData("{'environment': 'cartpole', 'updates': 3, 'grid': {'lr': [1, null]}}", "grid.lr must be a list of values, none of them null", "not [1,null]")]
    [InlineData("{'environment': 'cartpole', 'updates': 3, 'options': {'batch': null}, 'grid': {'lr': [1]}}", "options.batch must be a value, not null", "sweep.json")]
    [InlineData("{'environment': 'cartpole', 'updates': 3, 'variants': [null]}", "variants must be a list of tables", "not [null]")]
    [InlineData("{'environment': 'cartpole', 'updates': 3, 'seeds': [1, null], 'grid': {'lr': [1]}}", "seeds must be a number of seeds or a list of", "not [1,null]")]
    [InlineData("{'environment': 'cartpole', 'updates': 3, 'seeds': [18446744073709551615], 'grid': {'lr': [1]}}", "seeds must be", "not [18446744073709551615]")]
    [InlineData("{'environment': 'cartpole', 'updates': 3, 'confidence': 1e999, 'grid': {'lr': [1]}}", "confidence must be a number between 0 and 1", "not 1e999")]
    [InlineData("{'environment': 'cartpole', 'updates': 1e999, 'grid': {'lr': [1]}}", "updates must be a whole number", "not 1e999")]
    [InlineData("{'environment': 'cartpole', 'updates': 3, 'grid': {'lr': [1e999]}}", "grid.lr must be a number above 0", "not 'Infinity'")]
    [InlineData("{'environment': 'cartpole', 'updates': 3, 'scale': {'cartpole': [0, 1e999]}, 'grid': {'lr': [1]}}", "scale.cartpole must be two returns", "not [0,1e999]")]
    [InlineData("{'environment': 'cartpole', 'updates': 3, 'name': '\\ud800', 'grid': {'lr': [1]}}", "is not JSON", "UTF-16")]
    [InlineData("{'environment': 'cartpole', 'updates': 3, '\\ud800': 3}", "is not JSON", "UTF-16")]
    public void Read_BadJson_IsRefused(string json, string names, string allows) =>
        AssertRefused("dir/sweep.json", json.Replace('\'', '"'), names, allows);

    [Theory]
    [InlineData("seeds = 500_000\n[grid]\nlr = [1, 2, 3]", "3 configurations with 500,000 seeds on 1 environments")]
    [InlineData("[grid]\nlr = [{0}]\ngamma = [{1}]\nentropy = [{0}]\nclip-norm = [{0}]\nreward-scale = [{0}]\nbatch = [{0}]", "64,000,000 configurations with 20 seeds")]
    public void Read_TooManyRuns_AreRefusedBeforeAnyListOfThem(string rest, string expected)
    {
        // Far more than the seeds take, far less than a list of the configurations would.
        const long Room = 64 << 20;
        string values = string.Join(", ", Enumerable.Range(1, 20)), fractions = string.Join(", ", Enumerable.Range(1, 20).Select(value => $"0.{value:D2}"));
        string toml = Top + rest.Replace("{0}", values, StringComparison.Ordinal).Replace("{1}", fractions, StringComparison.Ordinal);
        long before = GC.GetAllocatedBytesForCurrentThread();
        AssertRefused("dir/sweep.toml", toml, expected, "more than 1,000,000 runs");
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, Room);
    }

    private static void AssertRefused(string path, string text, string names, string allows)
    {
        string message = Assert.Throws<UsageException>(() => SweepReader.Read(path, text)).Message;
        Assert.StartsWith($"'{path}'", message, StringComparison.Ordinal);
        Assert.Contains(names, message, StringComparison.Ordinal);
        Assert.Contains(allows, message, StringComparison.Ordinal);
    }
}
