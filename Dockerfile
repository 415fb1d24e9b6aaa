# The server and the command line, without libtorch. glibc, because DuckDB and SQLite bring native libraries for it.
FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
WORKDIR /source
COPY . .
RUN dotnet publish src/TrainingMonitor.Cli/TrainingMonitor.Cli.csproj -c Release -p:TrainmonWithoutExamples=true -o /app

FROM mcr.microsoft.com/dotnet/aspnet:10.0
# Everything that changes is under /data; the rest of the file system may be read-only, and diagnostics would write sockets to /tmp.
ENV DOTNET_EnableDiagnostics=0 DOTNET_HOSTBUILDER__RELOADCONFIGONCHANGE=false
COPY --from=build /app /app
# The user of the base image (1654); a new volume takes its owner from this folder.
RUN mkdir /data && chown "$APP_UID" /data
USER $APP_UID
VOLUME /data
EXPOSE 4650 4651
ENTRYPOINT ["/app/trainmon"]
CMD ["serve", "--data", "/data"]
