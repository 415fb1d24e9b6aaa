using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace TrainingMonitor.Storage.Tests.Postgres;

/// <summary>A real PostgreSQL in a temporary folder on loopback. Without the programs tests are skipped, or fail where everything is required.
/// It refuses to run as root, so root starts it as the user postgres.</summary>
public sealed class PostgresServer : IAsyncDisposable
{
    private readonly string programs;
    private readonly string folder;
    private readonly bool durable;
    private Process? process;
    private int databases;

    private PostgresServer(string programs, bool durable, string? disk)
    {
        this.programs = programs;
        this.durable = durable;
        folder = disk is null ? Directory.CreateTempSubdirectory("trainmon-postgres-").FullName : Directory.CreateDirectory(Path.Combine(disk, "postgres")).FullName;
        Port = FreePort();
    }

    public int Port { get; }

    private string Data => Path.Combine(folder, "data");

    /// <summary>Starts one.</summary>
    /// <param name="durable">Whether it waits for the disk: what is tested with kill -9.</param>
    /// <param name="disk">Folder for its own; null: a temporary one.</param>
    public static async Task<PostgresServer> StartAsync(bool durable = false, string? disk = null)
    {
        var found = Directory.Exists("/usr/lib/postgresql")
            ? Directory.GetDirectories("/usr/lib/postgresql").Select(version => Path.Combine(version, "bin")).LastOrDefault(bin => File.Exists(Path.Combine(bin, "initdb")))
            : null;
        if (found is null && Environment.GetEnvironmentVariable("TRAINMON_REQUIRE_ALL") != "1")
        {
            Assert.Skip("skipped: needs PostgreSQL");
        }

        var server = new PostgresServer(found.ShouldNotBeNull("needs PostgreSQL in /usr/lib/postgresql"), durable, disk);
        await server.MakeAsync();
        await server.RunAsync();
        return server;
    }

    /// <summary>Connection string of a database.</summary>
    /// <param name="database">Its name.</param>
    /// <param name="port">Port of a path to the server; 0: the server's own.</param>
    public string ConnectionString(string database = "postgres", int port = 0) =>
        $"Host=127.0.0.1;Port={(port == 0 ? Port : port)};Username=postgres;Database={database}";

    /// <summary>A database that nobody else has. Returns its connection string.</summary>
    public async Task<string> NewDatabaseAsync()
    {
        var name = $"test{Interlocked.Increment(ref databases)}";
        await ExecuteAsync(ConnectionString(), $"CREATE DATABASE {name}");
        return ConnectionString(name);
    }

    /// <summary>Runs a statement.</summary>
    public static async Task ExecuteAsync(string connectionString, string sql)
    {
        await using var source = Source(connectionString);
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>First value of a query.</summary>
    public static async Task<T> ScalarAsync<T>(string connectionString, string sql)
    {
        await using var source = Source(connectionString);
        await using var command = source.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync())!;
    }

    /// <summary>Starts it, or starts it again on the same port with the same data.</summary>
    public async Task RunAsync()
    {
        process = Start("postgres", "-D", Data, "-p", $"{Port}", "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", $"fsync={(durable ? "on" : "off")}", "-c", "max_connections=200", "-c", "shared_buffers=64MB");
        var waited = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                await ExecuteAsync(ConnectionString(), "SELECT 1");
                return;
            }
            catch (NpgsqlException)
            {
                process.HasExited.ShouldBeFalse("postgres ended by itself");
                waited.Elapsed.ShouldBeLessThan(TimeSpan.FromMinutes(1), "postgres does not answer");
                await Task.Delay(50);
            }
        }
    }

    /// <summary>kill -9 of the server and all its processes, which would otherwise end by themselves and write on.</summary>
    public async Task KillAsync()
    {
        process!.Kill(entireProcessTree: true);
        await process.WaitForExitAsync();
        process.Dispose();
        process = null;
    }

    public async ValueTask DisposeAsync()
    {
        if (process is not null)
        {
            await KillAsync();
        }

        Directory.Delete(folder, recursive: true);
    }

    private static NpgsqlDataSource Source(string connectionString) => NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false });

    private static int FreePort()
    {
        using var socket = new TcpListener(IPAddress.Loopback, 0);
        socket.Start();
        return ((IPEndPoint)socket.LocalEndpoint).Port;
    }

    private async Task MakeAsync()
    {
        if (Environment.IsPrivilegedProcess)
        {
            using var chown = Process.Start("chown", ["postgres:postgres", folder]);
            await chown.WaitForExitAsync();
        }

        using var made = Start("initdb", "-D", Data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync");
        await made.WaitForExitAsync();
        made.ExitCode.ShouldBe(0, "initdb");
    }

    private Process Start(string program, params ReadOnlySpan<string> arguments)
    {
        var path = Path.Combine(programs, program);
        List<string> command = Environment.IsPrivilegedProcess ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", path] : [path];
        command.AddRange(arguments);
        var start = new ProcessStartInfo(command[0], command[1..]) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder };
        start.Environment["LC_ALL"] = "C.UTF-8";
        var started = Process.Start(start)!;
        started.BeginOutputReadLine();
        started.BeginErrorReadLine();
        return started;
    }
}
