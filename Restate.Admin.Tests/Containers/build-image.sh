#!/usr/bin/env bash
# Builds the node's image from the Dockerfile of this repository, unchanged. Needs what install.sh installs.
#   build-image.sh [NAME]   name of the image; default localhost/restate-admin-node:test
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
root="$(cd "$here/../.." && pwd)"
export CONTAINERS_CONF="$here/containers.conf"

# Network, sources and packages of NuGet are those of this system: what was restored here is not fetched again. They are mounted into the
# home of root inside the build container, which is where Debian has it here.
packages="$(dotnet nuget locals global-packages --list | sed -E 's/^global-packages: //')"
config=~/.nuget/NuGet
mkdir -p "$packages"
home=~root
volumes=(--volume "$packages:$home/.nuget/packages")
[[ ! -d $config ]] || volumes+=(--volume "$config:$home/.nuget/NuGet:ro")

# The format with HEALTHCHECK; podman's own default drops it.
podman build --format docker --network host --pull=never --layers "${volumes[@]}" -t "${1:-localhost/restate-admin-node:test}" "$root"
