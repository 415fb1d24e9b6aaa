using Grpc.Core;
using Grpc.Core.Interceptors;
using Microsoft.AspNetCore.Http;
using TrainingMonitor.Server.Errors;
using TrainingMonitor.Server.Security.Auditing;
using TrainingMonitor.Server.Security.Limits;

namespace TrainingMonitor.Server.Security;

/// <summary>First interceptor of every gRPC call: who calls, and whether it may. A method that demands nothing answers nobody.</summary>
internal sealed class AuthInterceptor(Credentials credentials, CallerLimits limits, AuditLog audit) : Interceptor
{
    public override Task<TResponse> UnaryServerHandler<TRequest, TResponse>(TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
    {
        Check(context);
        return continuation(request, context);
    }

    public override Task<TResponse> ClientStreamingServerHandler<TRequest, TResponse>(IAsyncStreamReader<TRequest> requestStream, ServerCallContext context, ClientStreamingServerMethod<TRequest, TResponse> continuation)
    {
        Check(context);
        return continuation(requestStream, context);
    }

    public override Task ServerStreamingServerHandler<TRequest, TResponse>(TRequest request, IServerStreamWriter<TResponse> responseStream, ServerCallContext context, ServerStreamingServerMethod<TRequest, TResponse> continuation)
    {
        Check(context);
        return continuation(request, responseStream, context);
    }

    public override Task DuplexStreamingServerHandler<TRequest, TResponse>(IAsyncStreamReader<TRequest> requestStream, IServerStreamWriter<TResponse> responseStream, ServerCallContext context, DuplexStreamingServerMethod<TRequest, TResponse> continuation)
    {
        Check(context);
        return continuation(requestStream, responseStream, context);
    }

    private void Check(ServerCallContext context)
    {
        var http = context.GetHttpContext();
        if (credentials.Find(http) is not { } caller)
        {
            audit.Denied(http, null, "grpc", "token missing or wrong");
            throw new RpcException(new Status(StatusCode.Unauthenticated, "Token missing or wrong. " + Credentials.Missing));
        }

        var demand = http.GetEndpoint()?.Metadata.GetMetadata<Demand>() ?? throw new RpcException(new Status(StatusCode.PermissionDenied, "Nobody may call this method."));
        if (!caller.Meets(demand, out var missing))
        {
            audit.Denied(http, caller, "grpc", missing);
            throw new RpcException(new Status(StatusCode.PermissionDenied, missing));
        }

        // A stream of a trainer is limited by what comes in it.
        if (demand.Scope != TokenScopes.Ingest && limits.TakeQuery(caller) is { } wait)
            throw Refusal.Exhausted(limits.TooManyQueries(caller), wait);
        caller.Attach(http);
    }
}
