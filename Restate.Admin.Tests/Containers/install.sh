#!/usr/bin/env bash
# Installs what the tests of containers and dashboards need (Debian, as root). What is present already is kept.
# Public registries are not asked: the two base images that the Dockerfile names, and the one of Prometheus in docker-compose.yml, are made
# here, from this system's Debian mirror and its .NET, where no image of these names is present. Remove them (`podman rmi`) to have them
# made anew.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
root="$(cd "$here/../.." && pwd)"
export CONTAINERS_CONF="$here/containers.conf"

registry="$(sed -nE 's/^ARG DOTNET_REGISTRY=(.*)$/\1/p' "$root/Dockerfile")"
tag="$(sed -nE 's/^ARG DOTNET_TAG=(.*)$/\1/p' "$root/Dockerfile")"

work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

install_packages() {
  local wanted=(podman runc netavark aardvark-dns iptables catatonit uidmap fuse-overlayfs debootstrap prometheus busybox docker-compose) missing=() package
  for package in "${wanted[@]}"; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
  done
  ((${#missing[@]} == 0)) && return 0
  # A service that starts by itself would take a port; only the programs are wanted.
  local policy=/usr/sbin/policy-rc.d own=0
  if [[ ! -e $policy ]]; then
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod +x "$policy"
    own=1
  fi
  apt-get update -q
  local code=0
  DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "${missing[@]}" || code=$?
  ((own == 0)) || rm -f "$policy"
  return "$code"
}

# A small Debian with the certificates of this system, so that NuGet is reached in a build as it is reached here.
build_system() {
  local codename mirror
  codename="$(. /etc/os-release && printf '%s' "$VERSION_CODENAME")"
  mirror="$(apt-get indextargets --format '$(REPO_URI)' "Codename: $codename" "Component: main" | head -n 1)"
  debootstrap --variant=minbase --include=ca-certificates,libstdc++6,zlib1g "$codename" "$work/system" "${mirror:?no Debian mirror in the sources of apt}"
  # debootstrap leaves it mounted where it may not unmount in its own namespace.
  ! mountpoint -q "$work/system/proc" || umount "$work/system/proc"
  ! mountpoint -q "$work/system/sys" || umount "$work/system/sys"
  cp -L /etc/ssl/certs/ca-certificates.crt "$work/system/etc/ssl/certs/ca-certificates.crt"
  rm -rf "$work/system/var/cache/apt" "$work/system/var/lib/apt/lists" "$work/system/usr/share/doc" "$work/system/usr/share/man"
}

build_base_images() {
  podman image exists "$registry/sdk:$tag" && podman image exists "$registry/aspnet:$tag" && return 0
  build_system
  local dotnet
  dotnet="$(dirname "$(readlink -f "$(command -v dotnet)")")"
  # The runtimes of the SDK that builds, and no others.
  local version
  version="$(dotnet --list-runtimes | sed -nE 's/^Microsoft\.NETCore\.App (10\.[0-9.]+) .*$/\1/p' | tail -n 1)"
  local context="$work/aspnet"
  mkdir -p "$context"
  mv "$work/system" "$context/system"
  mkdir -p "$context/dotnet/shared"
  cp -a "$dotnet/dotnet" "$dotnet/host" "$context/dotnet/"
  local framework
  for framework in Microsoft.NETCore.App Microsoft.AspNetCore.App; do
    mkdir -p "$context/dotnet/shared/$framework"
    cp -a "$dotnet/shared/$framework/$version" "$context/dotnet/shared/$framework/"
  done
  # As in the published images: a user `app` with the number APP_UID.
  cat >"$context/Dockerfile" <<'DOCKERFILE'
FROM scratch
COPY system /
COPY dotnet /usr/share/dotnet
ENV APP_UID=1654 ASPNETCORE_HTTP_PORTS=8080 DOTNET_RUNNING_IN_CONTAINER=true PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
RUN ln -s /usr/share/dotnet/dotnet /usr/bin/dotnet && groupadd --gid 1654 app && useradd --uid 1654 --gid 1654 --create-home app
DOCKERFILE
  podman build -q --network host -t "$registry/aspnet:$tag" "$context"
  rm -rf "$context"

  mkdir -p "$work/sdk"
  cp -a "$dotnet" "$work/sdk/dotnet"
  cat >"$work/sdk/Dockerfile" <<DOCKERFILE
FROM $registry/aspnet:$tag
COPY dotnet /usr/share/dotnet
ENV DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1 DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 NUGET_XMLDOC_MODE=skip
DOCKERFILE
  podman build -q --network host -t "$registry/sdk:$tag" "$work/sdk"
  rm -rf "$work/sdk"
}

# Prometheus of Debian with the paths, the user and the health check's program of the published image.
build_prometheus_image() {
  local image context="$work/prometheus"
  image="$(sed -nE 's/^    image: (.*prom\/prometheus:.*)$/\1/p' "$root/docker-compose.yml")"
  podman image exists "$image" && return 0
  mkdir -p "$context"
  cp "$(command -v prometheus)" "$(command -v promtool)" "$(command -v busybox)" "$context/"
  cat >"$context/Dockerfile" <<DOCKERFILE
FROM $registry/aspnet:$tag
COPY prometheus promtool busybox /bin/
RUN ln -s busybox /bin/wget && mkdir /prometheus && chown 65534:65534 /prometheus
USER 65534
WORKDIR /prometheus
ENTRYPOINT ["/bin/prometheus"]
DOCKERFILE
  podman build -q --network host --pull=never -t "$image" "$context"
  rm -rf "$context"
}

install_packages
build_base_images
build_prometheus_image
