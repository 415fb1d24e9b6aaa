using Google.Rpc;
using TrainingMonitor.Protocol.V1;
using TrainingMonitor.Runs.Clustering.Messages;
using TrainingMonitor.Runs.Clustering.Wire;

namespace TrainingMonitor.Runs.Clustering.Serialization;

/// <summary>All messages that may leave a node. A manifest, once released, keeps its meaning; a message whose meaning changes gets a new one, and nodes read it a version
/// before any writes it.</summary>
internal static class MessageForms
{
    private const byte MoreFollows = 0;
    private const byte Complete = 1;

    public static IReadOnlyList<MessageForm> All { get; } =
    [
        MessageForm.Of<OpenRun, Hello>("or", m => m.Hello, hello => new OpenRun(hello)),
        MessageForm.Of<RunOpened, StreamOpening>("oo", m => new StreamOpening { Welcome = m.Welcome, Ingest = m.Ingest }, w => new RunOpened(w.Welcome, w.Ingest)),
        MessageForm.Of<RunRefused, Status>("ox", m => m.Status, status => new RunRefused(status)),
        new("pf", typeof(PostFrame), m => Write((PostFrame)m), ReadFrame),
        MessageForm.Of("sl", StreamLost.Instance),
        MessageForm.Of<ToTrainer, ServerFrame>("tt", m => m.Frame, frame => new ToTrainer(frame)),
        MessageForm.Of<EndStream, Status>("es", m => m.Status, status => new EndStream(status)),
        MessageForm.Of<WakeRun, RunRef>("wr", m => new RunRef { RunId = m.RunId }, run => new WakeRun(run.RunId)),
        MessageForm.Of<AskDetail, RunRef>("dq", m => new RunRef { RunId = m.RunId }, run => new AskDetail(run.RunId)),
        MessageForm.Of<DetailAnswer, Detail>("da", m => new Detail { Detail_ = m.Detail }, w => new DetailAnswer(w.Detail_)),
        MessageForm.Of<WatchRun, RunRef>("ws", m => new RunRef { RunId = m.RunId }, run => new WatchRun(run.RunId)),
        MessageForm.Of("wn", RunNews.Instance),
        MessageForm.Of("wp", PullRun.Instance),
        MessageForm.Of<RunUpdated, RunUpdate>("wu", m => m.Update, update => new RunUpdated(update)),
        MessageForm.Of("wx", Unwatch.Instance),
        MessageForm.Of("we", WatchEnded.Instance),
        MessageForm.Of<AdviseRun, Advise>("aq", m => new Advise { RunId = m.RunId, Advice = m.Advice }, w => new AdviseRun(w.RunId, w.Advice)),
        MessageForm.Of<Advised, Answer>("aa", m => new Answer { Yes = m.Any }, w => new Advised(w.Yes)),
        MessageForm.Of<AskSummaries, SummariesQuery>("sq", m => new SummariesQuery { Project = m.Project, Limit = m.Limit }, w => new AskSummaries(w.Project, w.Limit)),
        MessageForm.Of<Summaries, SummaryList>("sa", m => new SummaryList { Runs = { m.Runs } }, w => new Summaries(w.Runs)),
        MessageForm.Of<AlertNews, Alert>("an", m => m.Alert, alert => new AlertNews(alert)),
    ];

    // The bytes of a frame as they came: one byte before them says whether more belong to it.
    private static byte[] Write(PostFrame post)
    {
        var bytes = new byte[post.Raw.Length + 1];
        bytes[0] = post.IsLast ? Complete : MoreFollows;
        post.Raw.CopyTo(bytes.AsMemory(1));
        return bytes;
    }

    private static PostFrame ReadFrame(byte[] bytes) =>
        bytes is [MoreFollows or Complete, ..]
            ? new PostFrame(bytes.AsMemory(1), bytes[0] == Complete, null)
            : throw new InvalidDataException("A frame from another node begins with none of the marks that are known.");
}
