# The node agent as apps/agent/agent.yaml describes it, built by a container engine in place of the embedded driver:
# the same files, owners, modes and settings.
#
#   baton image build containers/base
#   baton image load containers/base --name base:local
#   baton image build apps/agent --driver docker --platform linux/amd64
#
# An engine holds one platform under a name: for all platforms, publish the base, and name it by its digest as
# image.dockerfile.args.BASE in agent.yaml.

# The image of containers/base.
ARG BASE=base:local

# baton: allow base-unpinned it is built from this repository and loaded under this name; a published one is passed by its digest
FROM ${BASE}
# In a context all files belong to root, with mode 644 or 755.
COPY dist/bundle/main.cjs /app/main.cjs
WORKDIR /app
USER 0:0
ENTRYPOINT ["/usr/local/bin/node", "/app/main.cjs"]
