namespace Restate.Admin.Api.Security;

/// <summary>What a token opens on the admin port.</summary>
[Flags]
internal enum AccessScope
{
    /// <summary>Nothing beyond what every token does: <c>GET /version</c>.</summary>
    None = 0,

    /// <summary><c>POST /query</c>.</summary>
    Query = 1,

    /// <summary>Every GET and HEAD.</summary>
    Read = 2,

    /// <summary>Everything, the two others included.</summary>
    Admin = 4,
}
