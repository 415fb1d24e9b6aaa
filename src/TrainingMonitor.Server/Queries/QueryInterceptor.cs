using Grpc.Core;
using Grpc.Core.Interceptors;

namespace TrainingMonitor.Server.Queries;

/// <summary>Last interceptor: arguments of queries are checked before any work, so that streams fail before their headers.</summary>
internal sealed class QueryInterceptor : Interceptor
{
    public override Task<TResponse> UnaryServerHandler<TRequest, TResponse>(TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
    {
        QueryValidation.Check(request);
        return continuation(request, context);
    }

    public override Task ServerStreamingServerHandler<TRequest, TResponse>(TRequest request, IServerStreamWriter<TResponse> responseStream, ServerCallContext context, ServerStreamingServerMethod<TRequest, TResponse> continuation)
    {
        QueryValidation.Check(request);
        return continuation(request, responseStream, context);
    }
}
