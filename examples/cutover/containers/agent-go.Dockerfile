# The image of the successor. Context: the root of the repository.
FROM docker.io/library/golang:1.26 AS builder
WORKDIR /code
COPY agent/go/ ./
RUN CGO_ENABLED=0 go build -o /beacon .

FROM scratch
LABEL org.opencontainers.image.title=agent-go \
      org.opencontainers.image.licenses=Apache-2.0
COPY --from=builder /beacon /usr/local/bin/beacon
USER 0:0
ENTRYPOINT ["/usr/local/bin/beacon"]
