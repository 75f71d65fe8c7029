using Restate.Admin.Api.Contracts;
using Restate.Admin.Api.Endpoints.Discovery;
using Restate.Admin.Api.Security;
using Restate.Storage.Metadata.Schema;
using Restate.Storage.Types;

namespace Restate.Admin.Api.Endpoints;

/// <summary>Endpoints that serve services: register, list, read, change, delete.</summary>
internal static class DeploymentEndpoints
{
    private const string Json = "application/json";
    private const string Text = "text/plain";

    /// <summary>Maps <c>/deployments</c> and what is below it.</summary>
    public static void MapDeployments(this IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder group = routes.MapGroup("/deployments").WithTags("deployment").AddEndpointFilter<JsonBodyErrors>();
        group.MapGet("", List)
            .WithName("list_deployments")
            .WithSummary("List deployments")
            .WithDescription("All registered deployments, older ones that no service points to any more included.")
            .Produces<DeploymentListView>()
            .Produces<ErrorBody>(StatusCodes.Status500InternalServerError);
        group.MapPost("", CreateAsync)
            .WithName("create_deployment")
            .WithSummary("Register a deployment")
            .WithDescription(
                "Asks the SDK endpoint at `uri` for its services and registers them. 201: new; 200: the address was registered before and is "
                + "unchanged, or was overwritten because of `force`. Without `force` a known address is not asked again.")
            .Accepts<RegisterDeploymentRequest>(Json)
            .Produces<RegisteredDeploymentView>()
            .Produces<RegisteredDeploymentView>(StatusCodes.Status201Created)
            .Produces<ErrorBody>(StatusCodes.Status400BadRequest)
            .Produces<ErrorBody>(StatusCodes.Status409Conflict)
            .Produces<string>(StatusCodes.Status413PayloadTooLarge, Text)
            .Produces<string>(StatusCodes.Status415UnsupportedMediaType, Text)
            .Produces<string>(StatusCodes.Status422UnprocessableEntity, Text)
            .Produces<ErrorBody>(StatusCodes.Status500InternalServerError)
            .Produces<ErrorBody>(StatusCodes.Status501NotImplemented);
        group.MapGet("/{deployment}", Get)
            .WithName("get_deployment")
            .WithSummary("Read a deployment with its services")
            .Produces<DeploymentView<ServiceView>>()
            .Produces<string>(StatusCodes.Status400BadRequest, Text)
            .Produces<ErrorBody>(StatusCodes.Status404NotFound)
            .Produces<ErrorBody>(StatusCodes.Status500InternalServerError);
        group.MapDelete("/{deployment}", DeleteAsync)
            .WithName("delete_deployment")
            .WithSummary("Delete a deployment")
            .WithDescription(
                "Only with `force=true`, whatever still runs there. Its services fall back to the highest revision another deployment holds, "
                + "or vanish. Without `force` the answer is 501.")
            .Produces(StatusCodes.Status202Accepted)
            .Produces<string>(StatusCodes.Status400BadRequest, Text)
            .Produces<ErrorBody>(StatusCodes.Status404NotFound)
            .Produces<ErrorBody>(StatusCodes.Status500InternalServerError)
            .Produces(StatusCodes.Status501NotImplemented);
        DescribeUpdate(group.MapPatch("/{deployment}", PatchAsync))
            .WithName("update_deployment")
            .WithSummary("Change a deployment in place")
            .WithDescription(
                "Asks the endpoint at `uri` (the address it has, where absent) with `additional_headers`, and moves the deployment there. Its "
                + "services stay as registered; with `overwrite` they are replaced by those found, their revisions kept. A body that sets "
                + "neither `uri` nor `additional_headers` changes nothing. `use_http_11` belongs to `uri`.");
        DescribeUpdate(group.MapPut("/{deployment}", PutAsync))
            .WithName("update_deployment_v2")
            .WithSummary("Change a deployment in place (v2 only)")
            .WithDescription("As PATCH, under `/v2` only. Elsewhere the answer is 405.")
            .Produces<ErrorBody>(StatusCodes.Status405MethodNotAllowed);
    }

    private static RouteHandlerBuilder DescribeUpdate(RouteHandlerBuilder route) => route
        .Accepts<UpdateDeploymentRequest>(Json)
        .Produces<DeploymentView<ServiceView>>()
        .Produces<ErrorBody>(StatusCodes.Status400BadRequest)
        .Produces<ErrorBody>(StatusCodes.Status404NotFound)
        .Produces<string>(StatusCodes.Status413PayloadTooLarge, Text)
        .Produces<string>(StatusCodes.Status415UnsupportedMediaType, Text)
        .Produces<string>(StatusCodes.Status422UnprocessableEntity, Text)
        .Produces<ErrorBody>(StatusCodes.Status500InternalServerError)
        .Produces<ErrorBody>(StatusCodes.Status501NotImplemented);

    private static IResult List(SchemaRegistry schema) => JsonAnswer.Of(
        new DeploymentListView([.. schema.Current.Deployments.Select(ServiceViews.Brief)]), DeploymentJsonContext.Plain.DeploymentListView);

    private static IResult Get(string deployment, SchemaRegistry schema)
    {
        DeploymentId id = ParseId(deployment);
        return schema.Current.FindDeployment(id) is { } found
            ? JsonAnswer.Of(ServiceViews.Full(found), DeploymentJsonContext.Plain.DeploymentViewServiceView)
            : NoDeployment(id);
    }

    private static async Task<IResult> CreateAsync(HttpContext context, SchemaRegistry schema, DiscoveryClient discovery)
    {
        bool version2 = ApiVersion.Of(context) == 2;
        DeploymentRequest request = DeploymentRequest.Read(
            await JsonBody.ReadFieldsAsync(context.Request, context.RequestAborted), forceByDefault: version2);
        Deployment? before = schema.Current.FindDeployment(request.Uri);
        Registration result = await RegisterAsync(request, schema, discovery, context.RequestAborted);
        Deployment deployment = result.Deployment;
        context.RecordChange(Summary(before), Summary(request.Options.DryRun ? before : deployment));
        if (version2 && result.Outcome == RegistrationOutcome.Unchanged)
            return JsonBodyErrors.Error(StatusCodes.Status409Conflict, $"Conflict: deployment {deployment.Id} already exists");
        bool created = result.Outcome == RegistrationOutcome.Created || (version2 && result.Outcome == RegistrationOutcome.Overwritten);
        context.Response.Headers.Location = $"deployments/{deployment.Id}";
        return JsonAnswer.Of(
            ServiceViews.Registered(deployment),
            DeploymentJsonContext.Plain.RegisteredDeploymentView,
            created ? StatusCodes.Status201Created : StatusCodes.Status200OK);
    }

    private static async Task<Registration> RegisterAsync(
        DeploymentRequest request, SchemaRegistry schema, DiscoveryClient discovery, CancellationToken cancellationToken)
    {
        // A known address that may not be overwritten need not be reachable.
        if (!request.Options.Force && schema.Current.FindDeployment(request.Uri) is { } known)
            return new Registration(RegistrationOutcome.Unchanged, known);
        Deployment found = await discovery.DiscoverAsync(
            request.Uri, request.Http11, request.AdditionalHeaders, request.Metadata, cancellationToken);
        return await schema.RegisterAsync(found, request.Options, cancellationToken);
    }

    private static async Task<IResult> PatchAsync(string deployment, HttpContext context, SchemaRegistry schema, DiscoveryClient discovery)
    {
        DeploymentId id = ParseId(deployment);
        JsonFields body = await JsonBody.ReadFieldsAsync(context.Request, context.RequestAborted);
        return await UpdateAsync(id, DeploymentUpdate.Read(body), schema, discovery, context);
    }

    private static async Task<IResult> PutAsync(
        string deployment, HttpContext context, SchemaRegistry schema, DiscoveryClient discovery)
    {
        DeploymentId id = ParseId(deployment);
        JsonFields body = await JsonBody.ReadFieldsAsync(context.Request, context.RequestAborted);
        return ApiVersion.Of(context) == 2
            ? await UpdateAsync(id, DeploymentUpdate.Read(body), schema, discovery, context)
            : JsonBodyErrors.Error(StatusCodes.Status405MethodNotAllowed, "PUT deployment is deprecated, use PATCH instead");
    }

    private static async Task<IResult> UpdateAsync(
        DeploymentId id, DeploymentUpdate update, SchemaRegistry schema, DiscoveryClient discovery, HttpContext context)
    {
        CancellationToken cancellationToken = context.RequestAborted;
        if (schema.Current.FindDeployment(id) is not { } known)
            return NoDeployment(id);
        if (!update.IsEmpty)
        {
            Deployment found = await discovery.DiscoverAsync(
                update.Uri ?? known.Uri,
                update.Uri is null ? known.HttpVersion == DiscoveryClient.Http11 : update.Http11,
                update.AdditionalHeaders ?? known.AdditionalHeaders,
                known.Metadata,
                cancellationToken);
            Deployment before = known;
            known = await schema.UpdateDeploymentAsync(id, found, update.Overwrite, update.DryRun, cancellationToken);
            context.RecordChange(Summary(before), Summary(update.DryRun ? before : known));
        }

        return JsonAnswer.Of(ServiceViews.Full(known), DeploymentJsonContext.Plain.DeploymentViewServiceView);
    }

    private static IResult NoDeployment(DeploymentId id) =>
        JsonBodyErrors.Error(StatusCodes.Status404NotFound, $"The requested deployment '{id}' does not exist");

    private static async Task<IResult> DeleteAsync(string deployment, HttpContext context, SchemaRegistry schema)
    {
        DeploymentId id = ParseId(deployment);
        if (!QueryParameters.Flag(context.Request.Query, "force"))
            return TypedResults.StatusCode(StatusCodes.Status501NotImplemented);
        Deployment? before = schema.Current.FindDeployment(id);
        await schema.DeleteDeploymentAsync(id, context.RequestAborted);
        context.RecordChange(Summary(before), after: null);
        return TypedResults.StatusCode(StatusCodes.Status202Accepted);
    }

    /// <summary>A deployment for the audit log. Header values may be secrets, and so may what stands before the host or in the query.</summary>
    private static object? Summary(Deployment? deployment) => deployment is null ? null : new
    {
        Id = deployment.Id.ToString(),
        Uri = $"{deployment.Uri.Scheme}://{deployment.Uri.Authority.Split('@')[^1]}{deployment.Uri.Path}",
        AdditionalHeaders = deployment.AdditionalHeaders.Select(header => header.Key),
        Services = deployment.Services.Select(service => new { service.Name, service.Revision }),
    };

    private static DeploymentId ParseId(string text) => DeploymentId.TryParse(text, out DeploymentId id, out string? error)
        ? id
        : throw new RequestRejectedException(
            StatusCodes.Status400BadRequest, $"Invalid URL: Cannot parse `deployment` with value `{text}`: {error}");
}
