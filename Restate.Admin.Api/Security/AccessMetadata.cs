namespace Restate.Admin.Api.Security;

/// <summary>What a route asks for where its method does not tell.</summary>
/// <param name="Scope">What the token has to open; null: no token is needed.</param>
/// <param name="IsChange">True when it may change something, which <c>admin.read-only</c> refuses and the audit log records.</param>
/// <param name="IsState">True when what it changes is the state of an object.</param>
internal sealed record AccessMetadata(AccessScope? Scope, bool IsChange, bool IsState = false)
{
    private static readonly AccessMetadata Reads = new(AccessScope.Read, IsChange: false);

    private static readonly AccessMetadata Changes = new(AccessScope.Admin, IsChange: true);

    /// <summary>What a route asks for: its own word, else reading for GET, HEAD and OPTIONS and everything for the rest.</summary>
    public static AccessMetadata Of(HttpContext context)
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<AccessMetadata>() is { } own)
            return own;
        string method = context.Request.Method;
        return HttpMethods.IsGet(method) || HttpMethods.IsHead(method) || HttpMethods.IsOptions(method)
            ? Reads
            : Changes;
    }
}

/// <summary>Marks routes.</summary>
internal static class AccessMetadataExtensions
{
    /// <summary>The route only reads; this scope opens it.</summary>
    public static TBuilder ReadsWith<TBuilder>(this TBuilder route, AccessScope scope)
        where TBuilder : IEndpointConventionBuilder => route.WithMetadata(new AccessMetadata(scope, IsChange: false));

    /// <summary>The route changes the state of an object.</summary>
    public static TBuilder ChangesState<TBuilder>(this TBuilder route)
        where TBuilder : IEndpointConventionBuilder => route.WithMetadata(new AccessMetadata(AccessScope.Admin, IsChange: true, IsState: true));

    /// <summary>The route tells nothing that needs a token.</summary>
    public static TBuilder NeedsNoToken<TBuilder>(this TBuilder route)
        where TBuilder : IEndpointConventionBuilder => route.WithMetadata(new AccessMetadata(null, IsChange: false));
}
