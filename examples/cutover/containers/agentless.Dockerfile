# A shell for machines that run no agent. Context: the root of the repository.
FROM docker.io/library/busybox:1.37
COPY samples/ /samples/
ENTRYPOINT ["/bin/sh"]
