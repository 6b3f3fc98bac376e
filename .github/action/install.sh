#!/usr/bin/env bash
# Puts a released frugix on the path of the steps that follow, after its checksum was compared.
set -euo pipefail

case "$RUNNER_OS-$RUNNER_ARCH" in
  Linux-X64) target=x86_64-unknown-linux-gnu ;;
  Linux-ARM64) target=aarch64-unknown-linux-gnu ;;
  macOS-X64) target=x86_64-apple-darwin ;;
  macOS-ARM64) target=aarch64-apple-darwin ;;
  *)
    echo "::error::there is no release of frugix for $RUNNER_OS on $RUNNER_ARCH; build it with cargo install"
    exit 1
    ;;
esac

releases=https://github.com/frugix/frugix/releases
case "$FRUGIX_VERSION" in
  latest) folder=$releases/latest/download ;;
  *) folder=$releases/download/$FRUGIX_VERSION ;;
esac

archive=frugix-$target.tar.gz
mkdir -p "$RUNNER_TEMP/frugix"
cd "$RUNNER_TEMP/frugix"
for file in "$archive" "$archive.sha256"; do
  curl --proto '=https' --fail --silent --show-error --location --retry 3 --output "$file" "$folder/$file"
done
if command -v sha256sum >/dev/null; then sha256sum --check "$archive.sha256"; else shasum -a 256 --check "$archive.sha256"; fi
tar xzf "$archive"
echo "$RUNNER_TEMP/frugix" >>"$GITHUB_PATH"
