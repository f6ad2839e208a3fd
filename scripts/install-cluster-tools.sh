#!/usr/bin/env bash
# Collects the real programs that the integration and cluster tests run against.
#
#   scripts/install-cluster-tools.sh [registries] [control-plane] [clients] [plugins] [monitoring]     no argument: all of them
#
# Needs Linux, bash, apt, dpkg and Go, but neither root nor a change to the machine: Debian packages are unpacked into the
# cache, with an apt state of their own. What is there already is not fetched or built again.
# The last line on stdout is the folder that holds the binaries; everything else goes to stderr.
set -euo pipefail

# The versions. Store names carry them, so a new version here is fetched although an older one is in the cache. Another
# Kubernetes is built by naming it: KUBERNETES=1.35.4 scripts/install-cluster-tools.sh control-plane
readonly KUBERNETES="${KUBERNETES:-1.37.2}" ETCD="${ETCD:-3.7.3}"
readonly DOCKER_REGISTRY=2.8.2 REGISTRY_V3=v3.1.2 HELM=v3.22.0 HELM_KUBERNETES_MINOR=37 HELM4=v4.3.1
# The newest that is there as a Go module.
readonly KREW=v0.4.3
# Alertmanager 0.34 cannot be built from its Go module, which lacks the web pages that it embeds.
readonly PROMETHEUS=2.42.0 ALERTMANAGER=v0.28.1

# Whatever the machine runs: the Debian versions above are those of this suite.
readonly DEBIAN_SUITE=bookworm
# Where the machine's own apt gets this suite from.
machine_mirror() {
  {
    grep -rhoE '^URIs:[[:space:]]*[^[:space:]]+' /etc/apt/sources.list.d /etc/apt/sources.list
    grep -rhoE '^deb[[:space:]]+(\[[^]]*\][[:space:]]+)?[^[:space:]]+' /etc/apt/sources.list.d /etc/apt/sources.list
  } 2>/dev/null | awk '{print $NF}' | grep -E '/debian/?$' | head -n 1
}
DEBIAN_MIRROR="${PATCHLINE_DEBIAN_MIRROR:-$(machine_mirror || true)}"
readonly DEBIAN_MIRROR
readonly DEBIAN_KEYRING=/usr/share/keyrings/debian-archive-keyring.gpg

readonly TOOLS="${PATCHLINE_TOOLS:-${XDG_CACHE_HOME:-$HOME/.cache}/patchline}"
readonly BIN="$TOOLS/bin" STORE="$TOOLS/store"
SOURCES="$(cd "$(dirname "${BASH_SOURCE[0]}")/../test/control-plane" && pwd)"
readonly SOURCES
scratch=

main() {
  local parts=("$@") part
  ((${#parts[@]} > 0)) || parts=(registries control-plane clients plugins monitoring)
  for part in "${parts[@]}"; do
    case $part in
      registries | control-plane | clients | plugins | monitoring) ;;
      *) fail "unknown part '$part'" "name any of: registries, control-plane, clients, plugins, monitoring; or nothing for all of them" ;;
    esac
  done

  exec 3>&1 1>&2
  [[ $TOOLS == /* ]] || fail "the tools folder is '$TOOLS'" "set PATCHLINE_TOOLS to an absolute path"
  [[ $KUBERNETES =~ ^1\.[0-9]+\.[0-9]+(-[a-z]+\.[0-9]+)?$ ]] || fail "KUBERNETES is '$KUBERNETES'" \
    "name a released version, such as 1.37.2"
  mkdir -p "$BIN" "$STORE"
  lock
  for part in "${parts[@]}"; do "install_${part//-/_}"; done
  echo "$BIN" >&3
}

install_registries() {
  debian_program docker-registry "$DOCKER_REGISTRY" docker-registry /usr/bin/docker-registry
  # Without the linker flag the program calls itself "+unknown".
  go_program registry-v3 "$REGISTRY_V3" registry github.com/distribution/distribution/v3/cmd/registry \
    "-X github.com/distribution/distribution/v3/version.version=$REGISTRY_V3"
}

install_control_plane() {
  module_program etcd "$ETCD" etcd_module
  link etcd "$ETCD" etcd
  install_kubernetes
}

install_clients() {
  install_kubernetes
  # The two k8sVersion flags are what helm's own makefile sets; without them "helm lint" and "helm template" believe
  # the cluster is 1.20.
  go_program helm "$HELM" helm helm.sh/helm/v3/cmd/helm \
    "-X helm.sh/helm/v3/internal/version.version=$HELM
     -X helm.sh/helm/v3/pkg/lint/rules.k8sVersionMajor=1 -X helm.sh/helm/v3/pkg/lint/rules.k8sVersionMinor=$HELM_KUBERNETES_MINOR
     -X helm.sh/helm/v3/pkg/chartutil.k8sVersionMajor=1 -X helm.sh/helm/v3/pkg/chartutil.k8sVersionMinor=$HELM_KUBERNETES_MINOR"
  # Helm 4 takes the version of the cluster from the client that it is built with.
  go_program helm4 "$HELM4" helm helm.sh/helm/v4/cmd/helm "-X helm.sh/helm/v4/internal/version.version=$HELM4"
}

install_plugins() {
  go_program krew "$KREW" krew sigs.k8s.io/krew/cmd/krew "-X sigs.k8s.io/krew/internal/version.gitTag=$KREW"
  go_program validate-krew-manifest "$KREW" validate-krew-manifest sigs.k8s.io/krew/cmd/validate-krew-manifest ""
}

install_monitoring() {
  debian_program prometheus "$PROMETHEUS" prometheus /usr/bin/prometheus
  debian_program promtool "$PROMETHEUS" prometheus /usr/bin/promtool
  # Debian's own looks for its templates below /usr/share, where nothing is unpacked to.
  go_program alertmanager "$ALERTMANAGER" alertmanager github.com/prometheus/alertmanager/cmd/alertmanager \
    "-X github.com/prometheus/common/version.Version=${ALERTMANAGER#v}"
}

# debian_program NAME VERSION PACKAGE PATH: a program out of a Debian binary package, which is not installed.
debian_program() {
  local name=$1 version=$2 package=$3 path=$4
  stored "$name" "$version" && return
  say "fetching $name $version from Debian's package $package"
  debian_unpack "$package"
  expect_version "$package" "$(package_version "$package")" "$version"
  publish "$scratch/root$path" "$name" "$version"
}

# go_program NAME VERSION BINARY PACKAGE LDFLAGS
go_program() {
  local name=$1 version=$2 binary=$3 package=$4 ldflags=$5
  stored "$name" "$version" && return
  need go "$name is built from source" "install Go 1.26 or newer and put it on PATH"
  say "building $name $version with $(go version)"
  scratch_folder
  # GOFLAGS is set, not emptied: an empty one would fall back to the user's "go env -w", which may say -mod=vendor.
  (
    cd "$scratch"
    unset GOOS GOARCH
    GOBIN="$scratch" GOFLAGS=-trimpath CGO_ENABLED=0 GO111MODULE=on GOWORK=off \
      go install -ldflags "-s -w ${ldflags//$'\n'/ }" "$package@$version"
  ) || fail "go install $package@$version failed" "the reason is above; it needs Go 1.26 and the Go module proxy (GOPROXY)"
  publish "$scratch/$binary" "$name" "$version"
}

# One binary, which is kube-apiserver, kube-controller-manager or kubectl by the name that it is called with.
install_kubernetes() {
  local name package minor=${KUBERNETES#1.} ldflags=
  # What Kubernetes' own makefile sets: the first is what the programs say, the second what they call themselves in requests.
  for package in k8s.io/component-base/version k8s.io/client-go/pkg/version; do
    ldflags+=" -X $package.gitVersion=v$KUBERNETES -X $package.gitMajor=1 -X $package.gitMinor=${minor%%.*}"
  done
  module_program kubernetes "$KUBERNETES" kubernetes_module "$ldflags"
  for name in kube-apiserver kube-controller-manager kubectl; do link kubernetes "$KUBERNETES" "$name"; done
}

# module_program NAME VERSION COMPLETE [LDFLAGS]: a program out of a Go module of ours, test/control-plane/NAME, which "go
# install" cannot build, for what it imports replaces its own parts by relative paths. COMPLETE adds to its go.mod.
module_program() {
  local name=$1 version=$2 complete=$3 ldflags=${4:-}
  [[ ! -x $STORE/$name-$version ]] || return 0
  need go "$name is built from source" "install Go 1.26 or newer and put it on PATH"
  say "building $name $version with $(go version) (on two cores, once: etcd a minute, kubernetes 7 to 14)"
  scratch_folder
  cp -R "$SOURCES/$name" "$scratch/$name"
  (
    cd "$scratch/$name" && unset GOOS GOARCH &&
      export GOFLAGS=-trimpath CGO_ENABLED=0 GO111MODULE=on GOWORK=off &&
      "$complete" && go mod tidy && go build -ldflags "-s -w $ldflags" -o "$scratch/$name.built" .
  ) || fail "the build of $name $version failed" \
    "the reason is above; it needs Go 1.26, the Go module proxy (GOPROXY), and for kubernetes 4 GB of memory and of disk"
  store "$scratch/$name.built" "$name" "$version"
}

etcd_module() { go mod edit -require="go.etcd.io/etcd/server/v3@v$ETCD"; }

# Kubernetes takes its staging modules from folders beside it; as a dependency it needs them named, each in the version of
# the same release.
kubernetes_module() {
  local file module staging=v0.${KUBERNETES#1.}
  go mod edit -require="k8s.io/kubernetes@v$KUBERNETES" || return
  file=$(go mod download -json "k8s.io/kubernetes@v$KUBERNETES" | sed -n 's/^.*"GoMod": "\(.*\)".*$/\1/p') || return
  for module in $(sed -n 's/^[[:space:]]*\(k8s\.io\/[^ ]*\) => \.\/staging.*$/\1/p' "$file"); do
    go mod edit -replace="$module=$module@$staging" || return
  done
}

# --- Debian packages, with an apt state of their own -----------------------------------------------------------------

debian_unpack() {
  local package
  debian_lists
  for package in "$@"; do
    (cd "$scratch/debs" && private_apt download "$package") || fail "Debian's package $package could not be fetched" \
      "check that $DEBIAN_MIRROR is reachable, or name a mirror in PATCHLINE_DEBIAN_MIRROR"
    dpkg -x "$scratch/debs/${package}"_*.deb "$scratch/root"
  done
}

debian_lists() {
  [[ -z $scratch || ! -d $scratch/apt ]] || return 0
  need apt-get "the programs come from Debian packages" "run this on Debian or Ubuntu"
  need dpkg "Debian packages are unpacked with it" "run this on Debian or Ubuntu"
  [[ -r $DEBIAN_KEYRING ]] || fail "$DEBIAN_KEYRING is missing, so Debian's signatures cannot be checked" \
    "install the package debian-archive-keyring (Ubuntu has it too)"
  [[ -n $DEBIAN_MIRROR ]] || fail "no Debian mirror is configured in /etc/apt" \
    "set PATCHLINE_DEBIAN_MIRROR to the address of one, ending in /debian"
  scratch_folder
  mkdir -p "$scratch"/apt/{sources,preferences,state/lists/partial,cache/archives/partial} "$scratch"/{debs,root}
  # An empty status: what the machine has installed must not decide which version is the candidate.
  touch "$scratch/apt/status"
  printf 'Types: deb\nURIs: %s\nSuites: %s\nComponents: main\nSigned-By: %s\n' \
    "$DEBIAN_MIRROR" "$DEBIAN_SUITE" "$DEBIAN_KEYRING" >"$scratch/apt/sources/debian.sources"
  private_apt update || fail "the package lists of $DEBIAN_MIRROR could not be fetched" \
    "check that it is reachable, or name a mirror in PATCHLINE_DEBIAN_MIRROR"
}

# apt-get that neither reads nor writes the machine's lists, caches and preferences, and so needs no root either.
private_apt() {
  apt-get -q -o Dir::Etc::SourceList=/dev/null -o Dir::Etc::SourceParts="$scratch/apt/sources" \
    -o Dir::Etc::Preferences=/dev/null -o Dir::Etc::PreferencesParts="$scratch/apt/preferences" \
    -o Dir::State="$scratch/apt/state" -o Dir::State::Status="$scratch/apt/status" \
    -o Dir::Cache="$scratch/apt/cache" -o APT::Sandbox::User=root -o APT::Update::Error-Mode=any "$@"
}

package_version() { dpkg-deb -f "$scratch/debs/$1"_*.deb Version; }

expect_version() {
  local package=$1 debian=$2 wanted=$3 upstream
  upstream=${debian%%[-+]*}
  [[ $upstream == "$wanted" ]] || fail "Debian's $package is $debian, not $wanted" \
    "if that version will do, change the version at the top of scripts/install-cluster-tools.sh"
}

# --- The cache -------------------------------------------------------------------------------------------------------

# True if the program is in the store; it is then also the one in the bin folder.
stored() {
  [[ -x $STORE/$1-$2 ]] || return 1
  link "$1" "$2" "$1"
}

publish() {
  store "$@"
  link "$2" "$3" "$2"
}

# Copied under another name and renamed: a killed run leaves no half program, and a running one is not overwritten.
store() {
  install -m 755 "$1" "$STORE/.$2-$3"
  mv -fT "$STORE/.$2-$3" "$STORE/$2-$3"
}

# link NAME VERSION PROGRAM: what is in the store becomes a program of the bin folder.
link() {
  say "$3: $1 $2"
  ln -sfn "../store/$1-$2" "$BIN/.$3"
  mv -fT "$BIN/.$3" "$BIN/$3"
}

scratch_folder() {
  [[ -z $scratch ]] || return 0
  scratch=$(mktemp -d "$TOOLS/scratch.XXXXXX")
  trap 'rm -rf "$scratch"' EXIT
}

# The lock lasts as long as file descriptor 9 is open, so a killed run cannot leave it behind.
lock() {
  need flock "two runs at the same time must not build in the same cache" "install the package util-linux"
  exec 9>"$TOOLS/lock"
  flock -n 9 || {
    say "another run is at work in $TOOLS; waiting for it"
    flock 9
  }
  # Left by a run that was killed: whoever holds the lock is the only one with a scratch folder.
  rm -rf "$TOOLS"/scratch.*
}

need() { command -v "$1" >/dev/null || fail "'$1' is not on PATH ($2)" "$3"; }

say() { echo "install-cluster-tools: $*" >&2; }

fail() {
  say "error: $1"
  say "what to do: $2"
  exit 1
}

main "$@"
