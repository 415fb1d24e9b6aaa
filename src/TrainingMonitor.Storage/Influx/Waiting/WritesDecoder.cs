using TrainingMonitor.Estimation.Input;
using TrainingMonitor.Estimation.Series;
using TrainingMonitor.Protocol.V1;
using TrainingMonitor.Storage.Series;

namespace TrainingMonitor.Storage.Influx.Waiting;

/// <summary>Reads the records of <see cref="WritesEncoder"/>. What comes back has no position and no row, which lines do not need.</summary>
internal static class WritesDecoder
{
    private static readonly (int[] Run, int[] Layer) Same = SeriesNameList.Map(SeriesNameList.Own);

    /// <summary>Whether a record of a spool holds writes; else it holds lines.</summary>
    public static bool IsWrites(ReadOnlySpan<byte> record) => !record.IsEmpty && record[0] == WritesFormat.First;

    /// <summary>Reads a record.</summary>
    /// <exception cref="InvalidDataException">It is not of this program, or of a later one.</exception>
    public static RunWrites Read(ReadOnlySpan<byte> record)
    {
        var reader = new ByteReader(record);
        if (reader.Byte() != WritesFormat.First || reader.Byte() != WritesFormat.Version)
        {
            throw ByteReader.Damaged();
        }

        var names = reader.Bytes(reader.Count());
        var (run, layer) = names.SequenceEqual(SeriesNameList.Own) ? Same : SeriesNameList.Map(names);
        var (runId, project) = (reader.Text(), reader.Text());
        var (points, blocks, probes, scalars, alerts) = (new List<RunPoint>(), new List<LayerBlock>(), new List<ProbePoint>(), new List<ScalarPoint>(), new List<Alert>());
        var layerNames = new List<string[]>();
        while (!reader.IsAtEnd)
        {
            switch (reader.Byte())
            {
                case WritesFormat.Point:
                    points.Add(Point(ref reader, run));
                    break;
                case WritesFormat.LayerNames:
                    layerNames.Add(LayerNames(ref reader));
                    break;
                case WritesFormat.Block:
                    var table = reader.Int32();
                    blocks.Add(BlockForm.Read(ref reader, table >= 0 && table < layerNames.Count ? layerNames[table] : throw ByteReader.Damaged(), layer));
                    break;
                case WritesFormat.Probe:
                    probes.Add(Probe(ref reader));
                    break;
                case WritesFormat.Scalar:
                    scalars.Add(new ScalarPoint(reader.Int32(), reader.Int32(), reader.Int64(), reader.Int64(), reader.Text(), reader.Double()));
                    break;
                case WritesFormat.Alert:
                    alerts.Add(Alert.Parser.ParseFrom(reader.Bytes(reader.Count())));
                    break;
                default:
                    throw ByteReader.Damaged();
            }
        }

        return new RunWrites(runId, 0) { Project = project, Points = points, Blocks = blocks, Probes = probes, Scalars = scalars, Alerts = alerts };
    }

    private static RunPoint Point(ref ByteReader reader, int[] series)
    {
        var (attempt, segment, step, time, nonFinite, present) = (reader.Int32(), reader.Int32(), reader.Int64(), reader.Int64(), reader.UInt64(), reader.UInt64());
        var values = new double[SeriesCatalog.RunCount];
        Array.Fill(values, double.NaN);
        var marks = 0UL;
        for (var theirs = 0; theirs < 64; theirs++)
        {
            var own = theirs < series.Length ? series[theirs] : -1;
            if ((present >> theirs & 1) != 0)
            {
                var value = reader.Double();
                if (own >= 0)
                {
                    values[own] = value;
                }
            }

            marks |= (nonFinite >> theirs & 1) != 0 && own >= 0 ? 1UL << own : 0;
        }

        return new RunPoint(attempt, segment, step, time, values, marks);
    }

    private static string[] LayerNames(ref ByteReader reader)
    {
        var names = new string[reader.Count()];
        for (var i = 0; i < names.Length; i++)
        {
            names[i] = reader.Text();
        }

        return names;
    }

    private static ProbePoint Probe(ref ByteReader reader)
    {
        var (attempt, segment, rank) = (reader.Int32(), reader.Int32(), reader.Int32());
        var probe = new ProbeInput((TrainingMonitor.Estimation.Input.ProbeKind)reader.Int32(), reader.Int64(), reader.Int64(), reader.Double(), reader.Double(), reader.Byte() != 0);
        return new ProbePoint(attempt, segment, rank, probe, reader.Int32(), reader.Double());
    }
}
