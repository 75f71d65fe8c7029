using System.Text.Json;
using Restate.Admin.Api.Contracts;
using Restate.Admin.Api.Endpoints.OpenApi;
using Restate.Admin.Api.Security;
using Restate.Storage.Metadata.Schema;

namespace Restate.Admin.Api.Endpoints;

/// <summary>Services and their handlers: list, read, change settings.</summary>
internal static class ServiceEndpoints
{
    private const string Json = "application/json";
    private const string Text = "text/plain";

    /// <summary>Names of the fields of <c>PATCH /services/{service}</c>, in the order an array may give them in.</summary>
    private static readonly string[] PatchFields =
    [
        "public", "idempotency_retention", "workflow_completion_retention", "journal_retention", "inactivity_timeout", "abort_timeout",
    ];

    /// <summary>Maps <c>/services</c> and what is below it, except state.</summary>
    public static void MapServices(this IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder group = routes.MapGroup("/services").WithTags("service").AddEndpointFilter<JsonBodyErrors>();
        group.MapGet("", List)
            .WithName("list_services")
            .WithSummary("List services")
            .WithDescription("The latest revision of every registered service.")
            .Produces<ServiceListView>()
            .Produces<ErrorBody>(StatusCodes.Status500InternalServerError);
        group.MapGet("/{service}", Get)
            .WithName("get_service")
            .WithSummary("Read a service")
            .Produces<ServiceView>()
            .Produces<ErrorBody>(StatusCodes.Status404NotFound)
            .Produces<ErrorBody>(StatusCodes.Status500InternalServerError);
        group.MapPatch("/{service}", ModifyAsync)
            .WithName("modify_service")
            .WithSummary("Change settings of a service")
            .WithDescription("Fields that are absent or null stay as they are. The next registration of the service sets all of them anew.")
            .Accepts<ModifyServiceRequest>(Json)
            .Produces<ServiceView>()
            .Produces<ErrorBody>(StatusCodes.Status400BadRequest)
            .Produces<ErrorBody>(StatusCodes.Status404NotFound)
            .Produces<string>(StatusCodes.Status413PayloadTooLarge, Text)
            .Produces<string>(StatusCodes.Status415UnsupportedMediaType, Text)
            .Produces<string>(StatusCodes.Status422UnprocessableEntity, Text)
            .Produces<ErrorBody>(StatusCodes.Status500InternalServerError);
        group.MapGet("/{service}/handlers", ListHandlers)
            .WithName("list_service_handlers")
            .WithSummary("List the handlers of a service")
            .Produces<HandlerListView>()
            .Produces<ErrorBody>(StatusCodes.Status404NotFound)
            .Produces<ErrorBody>(StatusCodes.Status500InternalServerError);
        group.MapGet("/{service}/handlers/{handler}", GetHandler)
            .WithName("get_service_handler")
            .WithSummary("Read a handler of a service")
            .Produces<HandlerView>()
            .Produces<ErrorBody>(StatusCodes.Status404NotFound)
            .Produces<ErrorBody>(StatusCodes.Status500InternalServerError);
        group.MapGet("/{service}/openapi", GetDocument)
            .WithName("get_service_openapi")
            .WithSummary("Read the OpenAPI document of a service")
            .WithDescription("OpenAPI 3.1: how its public handlers are called through an ingress.")
            .Produces<JsonElement>(StatusCodes.Status200OK, Json)
            .Produces<ErrorBody>(StatusCodes.Status404NotFound)
            .Produces<ErrorBody>(StatusCodes.Status500InternalServerError);
    }

    private static IResult List(SchemaRegistry schema)
    {
        SchemaSnapshot snapshot = schema.Current;
        return JsonAnswer.Of(
            new ServiceListView([.. snapshot.Services.Select(service => ServiceViews.View(service, snapshot))]),
            DeploymentJsonContext.Plain.ServiceListView);
    }

    private static IResult Get(string service, SchemaRegistry schema) => Show(service, schema.Current);

    private static IResult ListHandlers(string service, SchemaRegistry schema)
    {
        SchemaSnapshot snapshot = schema.Current;
        return snapshot.FindService(service) is { } found
            ? JsonAnswer.Of(
                new HandlerListView([.. found.Handlers.Select(handler => ServiceViews.View(handler, found, snapshot))]),
                DeploymentJsonContext.Plain.HandlerListView)
            : NoService(service);
    }

    private static IResult GetHandler(string service, string handler, SchemaRegistry schema)
    {
        SchemaSnapshot snapshot = schema.Current;
        return snapshot.FindService(service) is { } found && found.FindHandler(handler) is { } known
            ? JsonAnswer.Of(ServiceViews.View(known, found, snapshot), DeploymentJsonContext.Plain.HandlerView)
            : JsonBodyErrors.Error(
                StatusCodes.Status404NotFound, $"The requested handler '{handler}' on service '{service}' does not exist");
    }

    private static IResult GetDocument(string service, SchemaRegistry schema) => schema.Current.FindService(service) is { } found
        ? JsonAnswer.Of(ServiceDocument.Build(found), DeploymentJsonContext.Plain.JsonObject)
        : NoService(service);

    private static async Task<IResult> ModifyAsync(string service, HttpContext context, SchemaRegistry schema)
    {
        JsonFields body = await JsonBody.ReadFieldsAsync(context.Request, context.RequestAborted, PatchFields);
        var patch = new ServicePatch
        {
            Public = body.Flag("public"),
            IdempotencyRetention = body.Duration("idempotency_retention"),
            WorkflowCompletionRetention = body.Duration("workflow_completion_retention"),
            JournalRetention = body.Duration("journal_retention"),
            InactivityTimeout = body.Duration("inactivity_timeout"),
            AbortTimeout = body.Duration("abort_timeout"),
        };
        ServiceSchema? before = schema.Current.FindService(service);
        if (patch != new ServicePatch())
            await schema.ModifyServiceAsync(service, patch, context.RequestAborted);
        context.RecordChange(Settings(before), Settings(schema.Current.FindService(service)));
        return Show(service, schema.Current);
    }

    /// <summary>What a PATCH can change of a service, for the audit log.</summary>
    private static object? Settings(ServiceSchema? service) => service is null ? null : new
    {
        service.Public,
        service.IdempotencyRetention,
        service.WorkflowCompletionRetention,
        service.JournalRetention,
        service.InactivityTimeout,
        service.AbortTimeout,
    };

    private static IResult Show(string service, SchemaSnapshot snapshot) => snapshot.FindService(service) is { } found
        ? JsonAnswer.Of(ServiceViews.View(found, snapshot), DeploymentJsonContext.Plain.ServiceView)
        : NoService(service);

    private static IResult NoService(string service) =>
        JsonBodyErrors.Error(StatusCodes.Status404NotFound, $"The requested service '{service}' does not exist");
}
