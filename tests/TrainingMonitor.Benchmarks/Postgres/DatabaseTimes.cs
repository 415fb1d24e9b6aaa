using System.Globalization;
using Npgsql;

namespace TrainingMonitor.Benchmarks.Postgres;

/// <summary>Processor time of the processes of a PostgreSQL on this machine.</summary>
internal sealed class DatabaseTimes(string connectionString)
{
    private const double TicksPerSecond = 100;

    public static async Task ExecuteAsync(string connectionString, string sql)
    {
        await using var source = NpgsqlDataSource.Create(connectionString);
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    public async Task<TimeSpan> TotalAsync()
    {
        await using var source = NpgsqlDataSource.Create(connectionString);
        await using var command = source.CreateCommand("SELECT pid FROM pg_stat_activity");
        await using var reader = await command.ExecuteReaderAsync();
        var ticks = 0L;
        while (await reader.ReadAsync())
        {
            var stat = await File.ReadAllTextAsync($"/proc/{reader.GetInt32(0)}/stat");
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            ticks += long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture);
        }

        return TimeSpan.FromSeconds(ticks / TicksPerSecond);
    }
}
