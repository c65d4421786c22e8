# The image of the agent. Context: agent/
ARG PYTHON_VERSION=3.11
FROM docker.io/library/python:${PYTHON_VERSION} AS builder
WORKDIR /code
COPY . /code
RUN pip install hatch && hatch build --target wheel

FROM docker.io/library/python:${PYTHON_VERSION}-slim
LABEL org.opencontainers.image.title=beacon \
      org.opencontainers.image.licenses=Apache-2.0 \
      org.opencontainers.image.description="Beacon, in Python"
COPY --from=builder /code/dist/*.whl /tmp/
RUN pip install /tmp/*.whl && rm /tmp/*.whl
USER 0:0
ENTRYPOINT ["beacon"]
