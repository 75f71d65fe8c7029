#!/usr/bin/env bash
# Builds the node's image from the Dockerfile of this repository, unchanged. Needs what install.sh installs.
#   build-image.sh [NAME]   name of the image; default localhost/restate-admin-node:test
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
root="$(cd "$here/../.." && pwd)"
export CONTAINERS_CONF="$here/containers.conf"

# Network, sources and packages of NuGet are those of this system: what was restored here is not fetched again. They are mounted into the
# home of root inside the build container.
packages="$(dotnet nuget locals global-packages --list | sed -E 's/^global-packages: //')"
config="${HOME:-/root}/.nuget/NuGet"
mkdir -p "$packages"
volumes=(--volume "$packages:/root/.nuget/packages")
[[ ! -d $config ]] || volumes+=(--volume "$config:/root/.nuget/NuGet:ro")

# The format with HEALTHCHECK; podman's own default drops it.
podman build --format docker --network host --pull=never --layers "${volumes[@]}" -t "${1:-localhost/restate-admin-node:test}" "$root"
