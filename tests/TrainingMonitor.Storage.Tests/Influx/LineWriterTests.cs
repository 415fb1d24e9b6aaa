using System.Text;
using FsCheck;
using FsCheck.Xunit;
using TrainingMonitor.Storage.Influx.Lines;

namespace TrainingMonitor.Storage.Tests.Influx;

public sealed class LineWriterTests
{
    private static readonly string[] Awkward =
    [
        "", "\\", "a\\", "a\\\\", "\\,", "a b", "a,b", "a=b", "line\nbreak", "\r\n", "\t", "#", "#x", "%", "%41", "%%41", "%25", "100%", "\"", "\"q\"", "module.layers[3].attn,q=1", "ヘッド🎯", "läyer",
        " ", ",", "=", "\0", "\u0085", "\u2028", "a\\ b", "a\\=b", "a\\\n", "%5C", "%5c\\", "time", "true", "1i",
    ];

    [Property(MaxTest = 500)]
    public void Any_point_reads_back(int seed, NonNull<string> some, NonNull<string> other)
    {
        var random = new Random(seed);
        string[] given = [some.Get, other.Get];
        var measurement = Key(random, given);
        var tags = Enumerable.Range(0, random.Next(4)).Select(_ => (Key(random, given), Value: Name(random, given))).DistinctBy(tag => tag.Item1).ToList();
        var fields = Enumerable.Range(0, random.Next(1, 5)).Select(_ => (Key(random, given), Value: FieldValue(random, given))).DistinctBy(field => field.Item1).ToList();
        var time = random.NextInt64(long.MinValue, long.MaxValue);

        var writer = new LineWriter();
        var expected = fields.Count(field => field.Value is not double.NaN and not double.PositiveInfinity and not float.NaN);
        for (var repeat = 0; repeat < 2; repeat++)
        {
            Write(writer, measurement, tags, fields, time).ShouldBe(expected > 0);
        }

        writer.NonFinite.ShouldBe(2 * (fields.Count - expected));
        writer.EmptyPoints.ShouldBe(expected == 0 ? 2 : 0);
        writer.Lines.ShouldBe(expected == 0 ? 0 : 2);
        var points = LineParser.Parse(writer.Written.Span);
        points.Count.ShouldBe(writer.Lines);
        foreach (var point in points)
        {
            point.Measurement.ShouldBe(measurement);
            point.Time.ShouldBe(time);
            point.Tags.ShouldBe(tags.Where(tag => tag.Value.Length > 0).OrderBy(tag => tag.Item1, StringComparer.Ordinal).Select(tag => KeyValuePair.Create(tag.Item1, tag.Value)));
            point.Fields.Count.ShouldBe(expected);
            foreach (var (key, value) in fields.Where(field => point.Fields.ContainsKey(field.Item1)))
            {
                (value is float single ? (float)(double)point.Fields[key] == single : point.Fields[key].Equals(value)).ShouldBeTrue($"{key}: {value} became {point.Fields[key]}");
            }
        }
    }

    [Fact]
    public void No_two_names_become_one_and_each_comes_back()
    {
        var names = Awkward.Concat(Awkward.SelectMany(a => Awkward.Select(b => a + b))).Distinct(StringComparer.Ordinal).ToList();
        names.Select(LineEscape.Stored).ShouldBeUnique();
        foreach (var name in names)
        {
            LineEscape.Decode(LineEscape.Stored(name)).ShouldBe(name);
        }
    }

    [Fact]
    public void Escapes_are_those_of_the_protocol()
    {
        var writer = new LineWriter();
        writer.Begin(LineKey.Measurement("my measurement,x=1"));
        writer.Tag(LineKey.Of("tag key"), "a,b=c d");
        writer.Tag(LineKey.Of("t2"), "ends in \\");
        writer.Field(LineKey.Of("f,1"), "say \"hi\" \\ \n");
        writer.Field(LineKey.Of("f2"), 1e21);
        writer.Field(LineKey.Of("f3"), 0.1f);
        writer.Field(LineKey.Of("f4"), -5L);
        writer.Field(LineKey.Of("f5"), true);
        writer.End(17).ShouldBeTrue();
        Encoding.UTF8.GetString(writer.Written.Span).ShouldBe(
            """
            my\ measurement\,x=1,tag\ key=a\,b\=c\ d,t2=ends\ in\ %5C f\,1="say \"hi\" \\ %0A",f2=1E+21,f3=0.1,f4=-5i,f5=true 17

            """);
    }

    [Fact]
    public void Keys_that_the_protocol_has_no_form_for_are_refused()
    {
        Should.Throw<ArgumentException>(() => LineKey.Measurement(""));
        Should.Throw<ArgumentException>(() => LineKey.Of(""));
        Should.Throw<ArgumentException>(() => LineKey.Of("time"));
    }

    [Fact]
    public void A_point_that_is_begun_again_leaves_nothing()
    {
        var writer = new LineWriter();
        var (measurement, key) = (LineKey.Measurement("m"), LineKey.Of("f"));
        writer.Begin(measurement);
        writer.Field(key, 1L);
        writer.Written.Length.ShouldBe(0);
        writer.Begin(measurement);
        writer.Field(key, 2L);
        writer.End(3);
        Encoding.UTF8.GetString(writer.Written.Span).ShouldBe("m f=2i 3\n");
    }

    [Fact]
    public void A_warm_writer_allocates_nothing()
    {
        var writer = new LineWriter();
        var (measurement, layer, value, text) = (LineKey.Measurement("layer"), LineKey.Of("layer"), LineKey.Of("grad_norm"), LineKey.Of("text"));
        Fill();
        var before = GC.GetAllocatedBytesForCurrentThread();
        Fill();
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);

        void Fill()
        {
            writer.Clear();
            for (var i = 0; i < 2000; i++)
            {
                writer.Begin(measurement);
                writer.Tag(layer, "module.layers[3].attn,q=1 ヘッド");
                writer.Field(value, i / 3.0);
                writer.Field(value, (float)i);
                writer.Field(text, "a \"text\"");
                writer.End(1_700_000_000_000_000_000 + i);
            }
        }
    }

    private static bool Write(LineWriter writer, string measurement, List<(string Key, string Value)> tags, List<(string Key, object Value)> fields, long time)
    {
        writer.Begin(LineKey.Measurement(measurement));
        foreach (var (key, value) in tags)
        {
            writer.Tag(LineKey.Of(key), value);
        }

        foreach (var (name, value) in fields)
        {
            var key = LineKey.Of(name);
            switch (value)
            {
                case double number: writer.Field(key, number); break;
                case float number: writer.Field(key, number); break;
                case long number: writer.Field(key, number); break;
                case bool truth: writer.Field(key, truth); break;
                default: writer.Field(key, ((string)value).AsSpan()); break;
            }
        }

        return writer.End(time);
    }

    private static object FieldValue(Random random, string[] given) => random.Next(9) switch
    {
        0 => double.NaN,
        1 => double.PositiveInfinity,
        2 => float.NaN,
        3 => BitConverter.Int64BitsToDouble(random.NextInt64()) is var bits && double.IsFinite(bits) ? bits : 0.1,
        4 => random.NextSingle() * 1e30f,
        5 => random.NextInt64(long.MinValue, long.MaxValue),
        6 => random.Next(2) == 0,
        _ => Name(random, given),
    };

    private static string Key(Random random, string[] given) => Name(random, given) is { Length: > 0 } name and not "time" ? name : "k";

    /// <summary>FsCheck's, one of the awkward, or pieces of both; lone surrogates, which no message can carry, are left out.</summary>
    private static string Name(Random random, string[] given)
    {
        var pieces = Enumerable.Range(0, random.Next(1, 4)).Select(_ => random.Next(2) == 0 ? Awkward[random.Next(Awkward.Length)] : given[random.Next(2)]);
        return string.Concat(string.Concat(pieces).EnumerateRunes().Where(rune => rune != Rune.ReplacementChar));
    }
}
