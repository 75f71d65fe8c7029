namespace Restate.Admin.Api.Security;

/// <summary>Adds what protects the admin port.</summary>
internal static class AccessSetup
{
    /// <summary>Adds tokens, certificate and audit log as services; the watches over their files run with the application.</summary>
    public static void AddAccess(this IServiceCollection services, AccessTokens tokens, ServerCertificate? certificate)
    {
        services.AddSingleton(tokens).AddHostedService(_ => tokens);
        if (certificate is not null)
            services.AddHostedService(_ => certificate);
        services.AddSingleton<AccessMetrics>().AddSingleton<AuditLog>();
    }
}
