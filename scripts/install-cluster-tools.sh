#!/usr/bin/env bash
# Collects the real programs that the integration and cluster tests run against.
#
#   scripts/install-cluster-tools.sh [registries] [control-plane] [clients] [monitoring]     no argument: all of them
#
# Needs Linux, bash, apt, dpkg and Go, but neither root nor a change to the machine: Debian packages are unpacked into the
# cache, with an apt state of their own. What is there already is not fetched or built again.
# The last line on stdout is the folder that holds the binaries; everything else goes to stderr.
set -euo pipefail

# The versions. Store names carry them, so a new version here is fetched although an older one is in the cache.
readonly ETCD=3.4.23 DOCKER_REGISTRY=2.8.2 KUBERNETES=1.20.2
readonly HELM=v3.22.0 HELM_KUBERNETES_MINOR=37 REGISTRY_V3=v3.1.2
# Alertmanager 0.34 cannot be built from its Go module, which lacks the web pages that it embeds.
readonly PROMETHEUS=2.42.0 ALERTMANAGER=v0.28.1
# The commit of the tag v1.20.2; the source package carries no git history to read it from.
readonly KUBERNETES_COMMIT=faecb196815e248d3ecfb03c680a4507229c2a56

# bookworm whatever the machine runs: a later Debian has no kubernetes source package of this version.
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
scratch=

main() {
  local parts=("$@") part
  ((${#parts[@]} > 0)) || parts=(registries control-plane clients monitoring)
  for part in "${parts[@]}"; do
    case $part in
      registries | control-plane | clients | monitoring) ;;
      *) fail "unknown part '$part'" "name any of: registries, control-plane, clients, monitoring; or nothing for all of them" ;;
    esac
  done

  exec 3>&1 1>&2
  [[ $TOOLS == /* && $TOOLS != *[[:space:]]* ]] || fail "the tools folder is '$TOOLS'" \
    "set PATCHLINE_TOOLS to an absolute path without white space (the Kubernetes makefiles cannot build in another)"
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
  debian_program etcd "$ETCD" etcd-server /usr/bin/etcd
  if ! stored kube-apiserver "$KUBERNETES" || ! stored kube-controller-manager "$KUBERNETES"; then build_kubernetes; fi
}

install_clients() {
  kubectl_program
  # The two k8sVersion flags are what helm's own makefile sets; without them "helm lint" and "helm template" believe
  # the cluster is 1.20.
  go_program helm "$HELM" helm helm.sh/helm/v3/cmd/helm \
    "-X helm.sh/helm/v3/internal/version.version=$HELM
     -X helm.sh/helm/v3/pkg/lint/rules.k8sVersionMajor=1 -X helm.sh/helm/v3/pkg/lint/rules.k8sVersionMinor=$HELM_KUBERNETES_MINOR
     -X helm.sh/helm/v3/pkg/chartutil.k8sVersionMajor=1 -X helm.sh/helm/v3/pkg/chartutil.k8sVersionMinor=$HELM_KUBERNETES_MINOR"
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

kubectl_program() {
  local found
  # Not the one in the cache, should that folder be on PATH.
  found=$(type -ap kubectl | grep -vxF "$BIN/kubectl" | head -n 1 || true)
  if [[ -z $found ]]; then
    debian_program kubectl "$KUBERNETES" kubernetes-client /usr/bin/kubectl
  else
    say "using the kubectl on PATH, $found"
    link "$found" kubectl
  fi
}

build_kubernetes() {
  local tree go_root reflect2=github.com/modern-go/reflect2
  say "building kube-apiserver and kube-controller-manager $KUBERNETES (4 to 10 minutes on two cores, once)"
  debian_source kubernetes
  expect_version kubernetes "$(source_version kubernetes)" "$KUBERNETES"
  debian_unpack golang-1.19-go golang-1.19-src golang-github-modern-go-reflect2-dev make
  tree=$scratch/kubernetes
  go_root=$scratch/root/usr/lib/go-1.19
  mkdir "$tree"
  tar -xf "$scratch"/kubernetes_*.orig.tar.gz -C "$tree" --strip-components=1

  # The vendored reflect2 1.0.1, built with Go 1.18 or newer, crashes the API server at the first webhook call.
  rm "$tree/vendor/$reflect2"/*.{go,s}
  cp "$scratch/root/usr/share/gocode/src/$reflect2"/*.{go,s} "$tree/vendor/$reflect2/"
  # Its makefiles use rsync once, for a plain copy of files; that is not worth a package.
  sed -i 's/rsync -pc {}/cp -p {}/' "$tree/hack/lib/golang.sh"

  run_kubernetes_make "$tree" "$go_root"
  publish "$tree/_output/bin/kube-apiserver" kube-apiserver "$KUBERNETES"
  publish "$tree/_output/bin/kube-controller-manager" kube-controller-manager "$KUBERNETES"
  # Some 3 GB, which the rest of the run does not need.
  rm -rf "$tree" "$scratch/go-cache"
}

# "go build -mod=vendor" fails: the make target generates sources that the tree lacks. Go's cache is a throwaway one, as
# nothing else on the machine is built with Go 1.19; without cgo no C compiler is needed.
run_kubernetes_make() {
  local tree=$1 go_root=$2
  env -u GOOS -u GOARCH -u GO111MODULE -u GOBIN -u MAKEFLAGS \
    PATH="$go_root/bin:$scratch/root/usr/bin:$PATH" GOROOT="$go_root" \
    GOCACHE="$scratch/go-cache" GOPATH="$scratch/go-path" GOENV=off GOFLAGS='' GOTOOLCHAIN=local CGO_ENABLED=0 \
    KUBE_GIT_VERSION="v$KUBERNETES" KUBE_GIT_TREE_STATE=clean KUBE_GIT_COMMIT="$KUBERNETES_COMMIT" \
    KUBE_GIT_MAJOR=1 KUBE_GIT_MINOR=20 \
    make -C "$tree" all WHAT='cmd/kube-apiserver cmd/kube-controller-manager' GOLDFLAGS='-s -w' ||
    fail "the build of Kubernetes $KUBERNETES failed" \
      "the reason is above; it takes 4 GB of disk in $TOOLS and 4 GB of memory, and can simply be started again"
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

debian_source() {
  debian_lists
  (cd "$scratch" && private_apt source --download-only "$1") || fail "Debian's source package $1 could not be fetched" \
    "check that $DEBIAN_MIRROR is reachable, or name a mirror in PATCHLINE_DEBIAN_MIRROR"
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
  printf 'Types: deb deb-src\nURIs: %s\nSuites: %s\nComponents: main\nSigned-By: %s\n' \
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

source_version() { sed -n 's/^Version: //p' "$scratch/$1"_*.dsc | head -n 1; }

# "1.20.5+really1.20.2-1" is Debian's way to say 1.20.2 after a mistaken 1.20.5.
expect_version() {
  local package=$1 debian=$2 wanted=$3 upstream
  upstream=${debian##*really}
  upstream=${upstream%%[-+]*}
  [[ $upstream == "$wanted" ]] || fail "Debian's $package is $debian, not $wanted" \
    "if that version will do, change the version at the top of scripts/install-cluster-tools.sh"
}

# --- The cache -------------------------------------------------------------------------------------------------------

# True if the program is in the store; it is then also the one in the bin folder.
stored() {
  [[ -x $STORE/$1-$2 ]] || return 1
  say "$1 $2 is there"
  link "../store/$1-$2" "$1"
}

# Copied under another name and renamed: a killed run leaves no half program, and a running one is not overwritten.
publish() {
  install -m 755 "$1" "$STORE/.$2-$3"
  mv -fT "$STORE/.$2-$3" "$STORE/$2-$3"
  link "../store/$2-$3" "$2"
}

link() {
  ln -sfn "$1" "$BIN/.$2"
  mv -fT "$BIN/.$2" "$BIN/$2"
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
