#!/bin/sh
# Builds the learners' image; does nothing when what it is made of has not changed.
#   images/build.sh [TAG]
# BASE= another base image; APT_MIRROR=, INDEX_URL= other mirrors; CA_BUNDLE= the authorities that
# the build trusts (this machine's by default, for networks that re-sign TLS); NETWORK= of the build.
set -eu

cd "$(dirname "$0")/.."
tag=${1:-milepost-learner:dev}
base=${BASE:-debian:bookworm-slim}
ca=${CA_BUNDLE:-/etc/ssl/certs/ca-certificates.crt}
uv=$(command -v uv || echo var/tools/bin/uv)
packages="milepost-testkit jupyterlab-milepost"
sources="images/learner uv.lock extensions/testkit extensions/jupyterlab-milepost"

command -v docker >/dev/null || {
    echo "milepost: Docker is needed to build $tag, and there is no docker command." >&2
    exit 1
}
# BuildKit is in the command up to Docker 20.10, and in its buildx plugin since.
builder=
for candidate in $(printf %s "$PATH" | tr : '\n' | sed 's|$|/docker|'); do
    [ -x "$candidate" ] || continue
    version=$("$candidate" version --format '{{.Client.Version}}')
    if [ "${version%%.*}" -lt 23 ] || "$candidate" buildx version >/dev/null 2>&1; then
        builder=$candidate
        break
    fi
done
[ -n "$builder" ] || {
    echo "milepost: Docker's buildx plugin is needed to build $tag: install docker-buildx." >&2
    exit 1
}
images/base.sh "$base"

inputs=$({
    docker image inspect --format '{{.Id}}' "$base"
    # shellcheck disable=SC2086  # a list of folders
    find $sources -name __pycache__ -prune -o -path '*/tests' -prune -o -type f -print0 |
        sort -z | xargs -0 sha256sum
} | sha256sum | cut -c1-64)
label='{{index .Config.Labels "milepost.inputs"}}'
if [ "$(docker image inspect --format "$label" "$tag" 2>/dev/null)" = "$inputs" ]; then
    exit 0
fi

echo "Building $tag"
context=$(mktemp -d)
trap 'rm -rf "$context"' EXIT INT TERM
"$uv" export --quiet --frozen --package milepost-learner --no-dev --no-emit-workspace \
    --output-file "$context/requirements.txt" >/dev/null
for package in $packages; do
    "$uv" build --quiet --wheel --package "$package" --out-dir "$context/wheels"
done
rm -f "$context"/wheels/.gitignore
cp -R images/learner/etc/jupyter "$context/jupyter"
[ -f "$ca" ] || : >"$context/ca" && [ -f "$ca" ] || ca=$context/ca

set -- --build-arg "BASE=$base" --label "milepost.inputs=$inputs"
for name in APT_MIRROR INDEX_URL; do
    eval "value=\${$name:-}"
    # shellcheck disable=SC2154  # set by eval
    [ -z "$value" ] || set -- "$@" --build-arg "$name=$value"
done
for name in http_proxy https_proxy no_proxy HTTP_PROXY HTTPS_PROXY NO_PROXY; do
    eval "value=\${$name:-}"
    [ -z "$value" ] || set -- "$@" --build-arg "$name"
done
DOCKER_BUILDKIT=1 "$builder" build --quiet --network "${NETWORK:-host}" --secret "id=ca,src=$ca" \
    --file images/learner/Dockerfile --tag "$tag" "$@" "$context" >/dev/null
