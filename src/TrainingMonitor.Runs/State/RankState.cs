using TrainingMonitor.Estimation.State;
using TrainingMonitor.Protocol.V1;
using TrainingMonitor.Protocol.Validation;

namespace TrainingMonitor.Runs.State;

/// <summary>One rank's stream inside an attempt.</summary>
internal sealed class RankState(int rank, string startId)
{
    private const int TablesKept = 8;

    public int Rank { get; } = rank;

    /// <summary>Start id of the process that opened the stream.</summary>
    public string StartId { get; set; } = startId;

    /// <summary>The rank is known only because a step was closed without it.</summary>
    public bool IsPlaceholder => StartId.Length == 0 && Received == 0;

    /// <summary>The newest sequence applied.</summary>
    public ulong Received { get; set; }

    /// <summary>Why the rank ended; unspecified while it goes on.</summary>
    public Goodbye.Types.Reason Ended { get; set; }

    /// <summary>The newest whole step reported.</summary>
    public StepKey Position { get; set; } = StepKey.None;

    /// <summary>A step was closed without this rank; nobody waits for it until it has caught up.</summary>
    public bool Absent { get; set; }

    /// <summary>What the next frame is judged by.</summary>
    public StreamValidationState Validation { get; private set; }

    /// <summary>Parts of the step in progress.</summary>
    public List<StepReport> Parts { get; } = [];

    /// <summary>Layer tables by version, newest last.</summary>
    public List<LayerTable> Tables { get; } = [];

    public LayerTable? Table(uint version) => Tables.FindLast(table => table.Version == version);

    public void AddTable(LayerTable table)
    {
        Tables.RemoveAll(old => old.Version == table.Version);
        Tables.Add(SharedTables.Of(table));
        if (Tables.Count > TablesKept)
        {
            Tables.RemoveAt(0);
        }
    }

    /// <summary>Null, or why the next frame is refused; changes nothing.</summary>
    public FrameError? Judge(TrainerFrame frame)
    {
        var next = Validation;
        return next.Accept(frame);
    }

    /// <summary>The frame is applied: the one after it is judged by it.</summary>
    public void Accept(TrainerFrame frame)
    {
        var next = Validation;
        if (next.Accept(frame) is null)
        {
            Validation = next;
        }
    }

    /// <summary>Frames were lost: of what the next one is judged by only the newest table is left.</summary>
    public void ForgetLost()
    {
        Validation = default;
        if (Tables is [.., var newest])
        {
            Accept(new TrainerFrame { LayerTable = newest });
        }
    }

    /// <summary>Takes the table of frames that will not come, where it is newer than what they left here.</summary>
    public void Adopt(LayerTable table)
    {
        if (table.Version > Validation.TableVersion)
        {
            AddTable(table);
            Accept(new TrainerFrame { LayerTable = table });
        }
    }

    /// <summary>Whether a step need not wait for this rank any more.</summary>
    public bool IsPast(StepKey key) => Position >= key || Absent || Ended != Goodbye.Types.Reason.Unspecified;

    public void Save(StateWriter writer)
    {
        writer.Write(Rank);
        writer.Write(StartId);
        writer.Write((long)Received);
        writer.Write((int)Ended);
        writer.Write(Position.Segment);
        writer.Write(Position.Step);
        writer.Write(Absent);
        Validation.Write(writer);
        StateMessages.Write(writer, Parts);
        StateMessages.Write(writer, Tables);
    }

    public static RankState Load(ref StateReader reader)
    {
        var rank = new RankState(reader.ReadInt32(), reader.ReadString())
        {
            Received = (ulong)reader.ReadInt64(),
            Ended = (Goodbye.Types.Reason)reader.ReadInt32(),
            Position = new StepKey(reader.ReadInt32(), reader.ReadInt64()),
            Absent = reader.ReadBoolean(),
            Validation = StreamValidationState.Read(ref reader),
        };
        StateMessages.Read(ref reader, rank.Parts, StepReport.Parser);
        StateMessages.Read(ref reader, rank.Tables, LayerTable.Parser);
        for (var i = 0; i < rank.Tables.Count; i++)
        {
            rank.Tables[i] = SharedTables.Of(rank.Tables[i]);
        }

        return rank;
    }
}
