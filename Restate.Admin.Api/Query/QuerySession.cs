using System.Runtime.InteropServices;
using System.Text;
using Restate.Admin.Api.Query.Interop;

namespace Restate.Admin.Api.Query;

/// <summary>
/// A connection and the thread all its calls are made on. Native calls take long and recurse deep, so they neither hold up the
/// thread pool nor depend on the size of its stacks. Serves one query at a time.
/// </summary>
internal sealed class QuerySession : IDisposable
{
    /// <summary>DuckDB limits the depth of expressions with stacks of 8 MiB in mind; managed frames come on top.</summary>
    private const int StackBytes = 32 << 20;

    private readonly WorkQueue _work = new();
    private readonly Thread _thread;
    private readonly DuckDbStatement _serialize;
    private readonly DuckDbStatement _print;

    internal QuerySession(DuckDbInstance instance)
    {
        AnswerThread.Start();
        Connection = instance.Connect();
        _serialize = Prepare("SELECT json_serialize_sql(CAST(? AS VARCHAR))");
        _print = Prepare("SELECT json_deserialize_sql(CAST(? AS VARCHAR))");
        _thread = new Thread(Run, StackBytes) { IsBackground = true, Name = "query" };
        _thread.Start();
    }

    internal DuckDbConnection Connection { get; }

    /// <summary>True when the engine behind the session has failed for good.</summary>
    internal bool IsBroken { get; set; }

    /// <summary>True when the session must not serve another query.</summary>
    internal bool IsSpent { get; set; }

    /// <summary>The parsed form of a text, as JSON. On the session's thread.</summary>
    /// <exception cref="DuckDbException">DuckDB failed; a text that does not parse is no failure.</exception>
    internal string Serialize(ReadOnlySpan<byte> sql) => Apply(_serialize, sql);

    /// <summary>The text of a parsed form, as untrusted as that is. On the session's thread.</summary>
    /// <exception cref="DuckDbException">DuckDB failed.</exception>
    internal string Print(string parsed) => Apply(_print, Encoding.UTF8.GetBytes(parsed));

    /// <summary>The plan of a statement the gate has passed, as JSON. On the session's thread.</summary>
    /// <param name="sql">The statement.</param>
    /// <param name="isRun">True to run it and say how that went.</param>
    /// <exception cref="DuckDbException">The statement is wrong, or failed.</exception>
    internal string Explain(string sql, bool isRun = false)
    {
        using var result = new DuckDbResult();
        string words = $"EXPLAIN ({(isRun ? "ANALYZE, " : "")}FORMAT JSON) ";
        if (DuckDbNative.Query(Connection, words + sql, result) != 0)
        {
            // The caller did not write the words; the mark below the line moves with them.
            string message = result.Error ?? "DuckDB failed without a message";
            throw new DuckDbException(message.Contains(words, StringComparison.Ordinal)
                ? message.Replace(words, "", StringComparison.Ordinal).Replace($"\n{new string(' ', words.Length)}", "\n", StringComparison.Ordinal)
                : message);
        }

        return DuckDbInstance.ReadText(result, column: 1)[0] ?? throw new DuckDbException("DuckDB gave no plan");
    }

    /// <summary>Runs <paramref name="work"/> on the session's thread, while <paramref name="guard"/> can interrupt it.</summary>
    internal Task<T> RunAsync<T>(QueryGuard guard, Func<T> work)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        _work.Add(() =>
        {
            try
            {
                guard.Enter(Connection);
                T result;
                try
                {
                    result = work();
                }
                finally
                {
                    guard.Exit();
                }

                AnswerThread.Post(() => done.SetResult(result));
            }
            catch (Exception e)
            {
                AnswerThread.Post(() => done.SetException(e));
            }
        });
        return done.Task;
    }

    /// <summary>Runs <paramref name="work"/> on the session's thread, whatever has become of the query.</summary>
    internal Task RunAsync(Action work)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _work.Add(() =>
        {
            try
            {
                work();
                AnswerThread.Post(done.SetResult);
            }
            catch (Exception e)
            {
                AnswerThread.Post(() => done.SetException(e));
            }
        });
        return done.Task;
    }

    public void Dispose()
    {
        _work.Complete();
        _thread.Join();
        _work.Dispose();
        _serialize.Dispose();
        _print.Dispose();
        Connection.Dispose();
    }

    private static unsafe string Apply(DuckDbStatement statement, ReadOnlySpan<byte> argument)
    {
        fixed (byte* text = argument)
        {
            if (DuckDbNative.BindVarchar(statement, 1, text, (ulong)argument.Length) != 0)
                throw new DuckDbException("DuckDB did not take the text");
        }

        using var result = new DuckDbResult();
        if (DuckDbNative.ExecutePrepared(statement, result) != 0)
            throw new DuckDbException(result.Error ?? "DuckDB failed without a message");
        return DuckDbInstance.ReadText(result, column: 0)[0] ?? throw new DuckDbException("DuckDB gave no text");
    }

    private DuckDbStatement Prepare(string sql)
    {
        int failed = DuckDbNative.Prepare(Connection, sql, out nint handle);
        var statement = new DuckDbStatement(handle);
        if (failed == 0)
            return statement;
        using (statement)
            throw new DuckDbException(Marshal.PtrToStringUTF8(DuckDbNative.PrepareError(statement)) ?? "DuckDB did not prepare");
    }

    private void Run()
    {
        BackgroundThread.StepBack();
        _work.Run();
    }
}
