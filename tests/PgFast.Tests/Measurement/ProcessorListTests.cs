using PgFast.Measurement;

namespace PgFast.Tests.Measurement;

public class ProcessorListTests
{
    private static readonly string[] NeoverseV1 =
    [
        "processor\t: 0",
        "BogoMIPS\t: 2100.00",
        "Features\t: fp asimd evtstrm aes",
        "CPU implementer\t: 0x41",
        "CPU architecture: 8",
        "CPU variant\t: 0x1",
        "CPU part\t: 0xd40",
        "CPU revision\t: 1",
        "",
    ];

    [Fact]
    public void Name_LinesOfX86_IsTheModelName() =>
        Assert.Equal("AMD EPYC", ProcessorList.Name(["processor\t: 0", "model\t\t: 2", "model name\t: AMD EPYC", "processor\t: 1", "model name\t: AMD EPYC"]));

    [Fact]
    public void Name_EqualArmCores_IsNamedOnce() => Assert.Equal("Arm Neoverse V1", ProcessorList.Name([.. NeoverseV1, .. NeoverseV1]));

    [Fact]
    public void Name_TwoKindsOfArmCores_NamesBoth() =>
        Assert.Equal(
            "Arm Cortex-A55 + Arm Cortex-A76",
            ProcessorList.Name(["CPU implementer : 0x41", "CPU part : 0xd05", "CPU implementer : 0x41", "CPU part : 0xd05", "CPU implementer : 0x41", "CPU part : 0xd0b"]));

    [Fact]
    public void Name_UnknownArmCore_GivesItsNumbers() =>
        Assert.Equal("ARM64 core 0x02a of implementer 0x61", ProcessorList.Name(["CPU implementer\t: 0x61", "CPU part\t: 0x02a"]));

    [Theory]
    [InlineData("")]
    [InlineData("model name\t:")]
    [InlineData("CPU part\t: 0xd0c")]
    [InlineData("CPU implementer : 65\nCPU part : 3340")]
    [InlineData("nonsense")]
    public void Name_NothingSaid_IsNull(string text) => Assert.Null(ProcessorList.Name(text.Split('\n')));
}
