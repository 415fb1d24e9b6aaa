using System.Text.Json;
using TrainingMonitor.Notifications.Delivery;
using TrainingMonitor.Notifications.Options;
using TrainingMonitor.Notifications.Tests.Support;

namespace TrainingMonitor.Notifications.Tests.Receivers;

public sealed class CommandNotifierTests : NotifierContract
{
    protected override bool Started => File.Exists(Folder.File("started"));

    // A shell of the test's own; the notifier starts it as it starts any program.
    private protected override ReceiverOptions Options => new() { Name = "x", Kind = "command", Program = "/bin/sh", Arguments = [Folder.File("hook"), Folder.Path] };

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        Mend();
    }

    [Fact]
    public async Task The_alert_is_in_variables_and_json_and_nothing_else_of_the_servers_environment()
    {
        Environment.SetEnvironmentVariable("TRAINMON_TOKEN_OF_A_TEST", "hidden");
        Hook("env > \"$1/env\"; cat > \"$1/json\"");
        using var notifier = Create();
        (await notifier.SendAsync([Samples.Firing()], Stop)).Outcome.ShouldBe(DeliveryOutcome.Delivered);
        var env = (await File.ReadAllLinesAsync(Folder.File("env"), Stop)).ToList();
        env.ShouldContain("TRAINMON_ALERT_STATUS=firing");
        env.ShouldContain("TRAINMON_ALERT_RULE=memorization_onset");
        env.ShouldContain("TRAINMON_ALERT_RUN=run-1");
        env.ShouldContain("TRAINMON_ALERT_PROJECT=mnist");
        env.ShouldContain("TRAINMON_ALERT_LAYER=fc «1»");
        env.ShouldContain("TRAINMON_ALERT_SEVERITY=warning");
        env.ShouldContain("TRAINMON_ALERT_STEP=100");
        env.ShouldNotContain(line => line.Contains("hidden", StringComparison.Ordinal));
        using var json = JsonDocument.Parse(await File.ReadAllTextAsync(Folder.File("json"), Stop));
        json.RootElement.GetProperty("labels").GetProperty("alertname").GetString().ShouldBe("memorization_onset");
    }

    [Fact]
    public async Task No_shell_reads_arguments_or_names()
    {
        using var notifier = TrainingMonitor.Notifications.Receivers.NotifierFactory.Create(
            new ReceiverOptions { Name = "x", Kind = "command", Program = "/bin/sh", Arguments = [Folder.Write("hook2", "printf %s \"$2\" > \"$1/argument\""), Folder.Path, "$(touch pwned); `id` *"] },
            "", _ => null, TimeProvider.System);
        (await notifier.SendAsync([Samples.Firing(run: "$(touch pwned)")], Stop)).Outcome.ShouldBe(DeliveryOutcome.Delivered);
        (await File.ReadAllTextAsync(Folder.File("argument"), Stop)).ShouldBe("$(touch pwned); `id` *");
        Directory.GetFiles(Folder.Path, "pwned*").ShouldBeEmpty();
    }

    [Fact]
    public async Task A_program_that_reads_nothing_and_writes_much_is_fine()
    {
        Hook("i=0; while [ $i -lt 3000 ]; do echo aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa; echo bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb >&2; i=$((i+1)); done");
        using var notifier = Create();
        (await notifier.SendAsync([Samples.Firing()], Stop)).ShouldBe(new DeliveryResult(DeliveryOutcome.Delivered));
    }

    [Fact]
    public async Task A_program_that_is_not_there_is_tried_later()
    {
        using var notifier = TrainingMonitor.Notifications.Receivers.NotifierFactory.Create(
            new ReceiverOptions { Name = "x", Kind = "command", Program = Folder.File("none") }, "", _ => null, TimeProvider.System);
        (await notifier.SendAsync([Samples.Firing()], Stop)).Outcome.ShouldBe(DeliveryOutcome.Later);
    }

    protected override IReadOnlyList<string> Received() =>
        [.. Directory.GetFiles(Folder.Path, "got.*").Select(file => System.Text.RegularExpressions.Regex.Unescape(File.ReadAllText(file).Replace("\\\"", "", StringComparison.Ordinal)))];

    protected override void Refuse(string words) => Hook($"echo '{words.Replace(SecretText, "words", StringComparison.Ordinal)}' >&2; exit 65");

    protected override void Fail() => Hook("exit 1");

    protected override void Mend() => Hook("cat > \"$1/got.$$\"");

    protected override void Hang() => Hook("touch \"$1/started\"; sleep 600");

    private void Hook(string script) => Folder.Write("hook", script + "\n");
}
