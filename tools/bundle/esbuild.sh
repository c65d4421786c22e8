#!/bin/sh
# Runs esbuild's own binary from the one platform package that npm installed, with the arguments given.
# esbuild's install script would put it into place, but is not allowed to run here; its JavaScript wrapper starts Node first.
for binary in "${0%/*}"/../../node_modules/@esbuild/*/bin/esbuild; do
  [ -x "$binary" ] && exec "$binary" "$@"
done
echo "esbuild is not installed: run npm ci in the repository's root" >&2
exit 1
