using TrainingMonitor.Protocol.V1;
using TrainingMonitor.Runs.State;

namespace TrainingMonitor.Runs.Tests.State;

public sealed class SharedTablesTests
{
    private static LayerTable Table(string prefix, int layers, uint version = 1)
    {
        var table = new LayerTable { Version = version };
        table.Layers.Add(Enumerable.Range(0, layers).Select(i => new Layer { Name = $"{prefix}.{i}", Kind = "Linear", Parameters = (ulong)i, Shape = { 3, 4 } }));
        return table;
    }

    [Fact]
    public void Equal_tables_are_one_and_others_are_not()
    {
        var first = SharedTables.Of(Table("shared", 20));
        SharedTables.Of(Table("shared", 20)).ShouldBeSameAs(first);
        SharedTables.Of(Table("shared", 20, version: 2)).ShouldNotBeSameAs(first);
        SharedTables.Of(Table("shared", 21)).ShouldNotBeSameAs(first);
        var other = Table("shared", 20);
        other.Layers[7].Parameters++;
        SharedTables.Of(other).ShouldBeSameAs(other);
    }

    [Fact]
    public void However_many_there_are_each_gets_an_equal_one_and_most_are_forgotten()
    {
        var forgotten = Fill();
        GC.Collect();
        forgotten.Count(reference => reference.IsAlive).ShouldBeLessThan(60);
        var late = Table("late", 2);
        SharedTables.Of(late).ShouldBeSameAs(late);
        SharedTables.Of(Table("late", 2)).ShouldBeSameAs(late);
    }

    private static List<WeakReference> Fill()
    {
        var made = new List<WeakReference>();
        for (var i = 0; i < 150; i++)
        {
            var table = Table($"many{i}", 2_000);
            SharedTables.Of(table).ShouldBe(table);
            made.Add(new WeakReference(table));
        }

        return made;
    }
}
