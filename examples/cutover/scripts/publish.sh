#!/bin/sh
# publish.sh IMAGE TAG: pushes the image that was built for this commit, and signs it.
set -eu
docker tag "$1:$GITHUB_SHA" "$1:$2"
docker push "$1:$2"
cosign sign --yes "$1:$2"
