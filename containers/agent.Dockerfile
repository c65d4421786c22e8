# The node agent as apps/agent/agent.yaml describes it, built by a container engine in place of the embedded driver:
# the same files, owners, modes and settings.
#
#   baton image build containers/base
#   baton image load containers/base --name base:local
#   baton image build apps/agent --driver docker --platform linux/amd64
#
# An engine holds one platform under a name: for all platforms, publish the base, and name it by its digest as
# image.dockerfile.args.BASE in agent.yaml.
#
# The native part of koffi comes from node_modules, where npm installs the one for its own platform. For another one:
#   npm install --no-save --os linux --cpu arm64

# The image of containers/base.
ARG BASE=base:local

# baton: allow base-unpinned it is built from this repository and loaded under this name; a published one is passed by its digest
FROM ${BASE}
# In a context all files belong to root, with mode 644 or 755. Which of them come along: agent.Dockerfile.dockerignore.
COPY node_modules/koffi/ /app/node_modules/koffi/
COPY node_modules/@koromix/ /app/node_modules/@koromix/
COPY apps/agent/dist/bundle/main.cjs /app/main.cjs
WORKDIR /app
USER 0:0
ENTRYPOINT ["/usr/local/bin/node", "--disable-sigusr1", "/app/main.cjs"]
