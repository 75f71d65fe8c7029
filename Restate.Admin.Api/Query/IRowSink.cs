namespace Restate.Admin.Api.Query;

/// <summary>Takes the rows of a result. Called on the query's thread, one call at a time.</summary>
internal interface IRowSink
{
    /// <summary>True when what was written should be sent before more is read.</summary>
    bool IsFull { get; }

    /// <summary>Takes rows of the chunk the result's columns are bound to, until full.</summary>
    /// <returns>The first row not taken; <paramref name="count"/> when all were.</returns>
    int Append(int from, int count);

    /// <summary>There are no more rows.</summary>
    void Complete();
}
