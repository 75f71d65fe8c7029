# The node as an image. Build: docker build -t restate-admin-node .
# A mirror of the base images: docker build --build-arg DOTNET_REGISTRY=mirror.example/dotnet .
ARG DOTNET_REGISTRY=mcr.microsoft.com/dotnet
ARG DOTNET_TAG=10.0

FROM ${DOTNET_REGISTRY}/sdk:${DOTNET_TAG} AS build
ARG TARGETARCH
WORKDIR /source
# Projects and pinned versions first: packages are restored anew only when these change.
COPY global.json Directory.Build.props Directory.Packages.props .editorconfig BannedSymbols.txt ./
COPY Restate.Storage/Restate.Storage.csproj Restate.Storage/
COPY Restate.Admin.Api/Restate.Admin.Api.csproj Restate.Admin.Api/
# Older builders leave TARGETARCH empty; Debian's names of amd64 and arm64 are those of .NET.
# Compiled ahead (ReadyToRun): a fifth less processor time until it serves, for 7 MB.
RUN dotnet restore Restate.Admin.Api -a "${TARGETARCH:-$(dpkg --print-architecture)}" -p:PublishReadyToRun=true
COPY Restate.Storage/ Restate.Storage/
COPY Restate.Admin.Api/ Restate.Admin.Api/
# Style was checked where the change was made; here the code is only compiled.
RUN dotnet publish Restate.Admin.Api -c Release -a "${TARGETARCH:-$(dpkg --print-architecture)}" --self-contained false --no-restore \
      -p:PublishReadyToRun=true -p:EnforceCodeStyleInBuild=false -p:DebugType=none -o /published \
    # Other builds of the library that is loaded (a test of the container sees which): 32 MB that nothing reads.
    && rm -f /published/librocksdb-musl.so /published/librocksdb-jemalloc.so \
    && mkdir /restate-data

FROM ${DOTNET_REGISTRY}/aspnet:${DOTNET_TAG}
COPY --from=build /published /opt/restate-admin
# A new volume takes owner and mode of the folder it is mounted over.
COPY --from=build --chown=1654:1654 /restate-data /restate-data
ENV RESTATE_BASE_DIR=/restate-data \
    RESTATE_BIND_ADDRESS=0.0.0.0:5122 \
    RESTATE_ADMIN__BIND_ADDRESS=0.0.0.0:9070 \
    # The data folder is named after the node: a name that does not change with the container's host name.
    RESTATE_NODE_NAME=node-1 \
    # What the program otherwise sets itself, by executing itself anew at the start (ProcessEnvironment.cs).
    MALLOC_ARENA_MAX=2 \
    DOTNET_GCgen0size=1000000 \
    # Diagnostics would write sockets to /tmp; without them a read-only root file system is enough.
    DOTNET_EnableDiagnostics=0
# The user `app` of the base image, by number: Kubernetes' runAsNonRoot cannot check names.
USER 1654:1654
VOLUME /restate-data
EXPOSE 9070 5122
STOPSIGNAL SIGTERM
# Each check starts a .NET process inside the memory limit: seldom.
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 CMD ["dotnet", "/opt/restate-admin/Restate.Admin.Api.dll", "--healthcheck"]
ENTRYPOINT ["dotnet", "/opt/restate-admin/Restate.Admin.Api.dll"]
