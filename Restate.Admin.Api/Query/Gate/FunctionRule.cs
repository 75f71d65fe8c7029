namespace Restate.Admin.Api.Query.Gate;

/// <summary>Where a function may stand.</summary>
[Flags]
internal enum FunctionUse
{
    /// <summary>An ordinary function or operator.</summary>
    Scalar = 1,

    /// <summary>An aggregate, not over a window.</summary>
    Aggregate = 2,

    /// <summary>With an OVER clause.</summary>
    Window = 4,
}

/// <summary>How the size of a result follows from the sizes of the arguments.</summary>
internal enum Growth
{
    /// <summary>Small whatever the arguments.</summary>
    Fixed,

    /// <summary>No larger than the largest argument.</summary>
    Same,

    /// <summary>At most a factor times all arguments together.</summary>
    Sum,

    /// <summary>Up to the product of the arguments.</summary>
    Product,

    /// <summary>Collects rows, or names of a type: larger than any estimate, so that nothing may grow it further.</summary>
    Collected,

    /// <summary>Small of numbers and times; of lists both together.</summary>
    Lists,
}

/// <summary>What else a function must be asked.</summary>
internal enum FunctionCost
{
    /// <summary>Linear in its arguments.</summary>
    Linear,

    /// <summary>Matches a pattern with wildcards by backtracking, deaf to interrupts: only patterns that cannot blow up.</summary>
    Pattern,

    /// <summary>
    /// Matches a regular expression: linear, but compiling one takes up to milliseconds, and one that is no literal is compiled for every
    /// row, deaf to interrupts for a vector of them.
    /// </summary>
    Regexp,

    /// <summary>Searches one argument in another, deaf to interrupts: their product is bounded.</summary>
    Search,

    /// <summary>Looks for a path in JSON: one that finds the same parts many times over would make much of little.</summary>
    Path,
}

/// <summary>What the gate knows of a function.</summary>
/// <param name="Use">Where it may stand.</param>
/// <param name="Growth">How large its result may become.</param>
/// <param name="Factor">Factor of <see cref="Growth.Sum"/>.</param>
/// <param name="MaxArguments">Most arguments that are allowed.</param>
/// <param name="Cost">What else must hold.</param>
/// <param name="Copies">
/// Expressions that binding makes of one argument: more than one for DuckDB's macros that use an argument several times, so that calls
/// nested in each other double at every level.
/// </param>
internal sealed record FunctionRule(
    FunctionUse Use,
    Growth Growth,
    int Factor = 1,
    int MaxArguments = int.MaxValue,
    FunctionCost Cost = FunctionCost.Linear,
    int Copies = 1);
