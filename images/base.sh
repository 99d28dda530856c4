#!/bin/sh
# Makes the base image (Debian's official slim image by default) where it cannot be pulled:
# the same release by debootstrap, without documentation, under the same tag. Needs root.
#   images/base.sh [TAG]       DEBIAN_MIRROR= names another mirror
set -eu

tag=${1:-debian:bookworm-slim}
release=$(echo "${tag#*:}" | cut -d- -f1)

if docker image inspect "$tag" >/dev/null 2>&1; then
    exit 0
fi
if docker pull --quiet "$tag" >/dev/null 2>&1; then
    exit 0
fi
for tool in debootstrap tar; do
    command -v "$tool" >/dev/null || {
        echo "milepost: $tag cannot be pulled, and $tool to make it is missing: install it." >&2
        exit 1
    }
done

echo "Making $tag with debootstrap"
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT INT TERM
# shellcheck disable=SC2086  # without a mirror there is no argument
debootstrap --variant=minbase "$release" "$root" ${DEBIAN_MIRROR:-} >/dev/null
rm -rf "$root"/var/cache/apt/archives/*.deb "$root"/var/lib/apt/lists/* \
    "$root"/usr/share/doc/* "$root"/usr/share/man/* "$root"/usr/share/locale/*
# Device nodes are Docker's to make.
tar -C "$root" --numeric-owner --exclude='./dev/*' -c . |
    docker import --change 'CMD ["bash"]' - "$tag" >/dev/null
