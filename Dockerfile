# dipmp's index server:  docker build . -t dipmp-server
#   docker run --rm -p 5000:5000 -e ETH_GATEWAY=https://RPC -e IPFS_GATEWAY=https://GATEWAY/ipfs \
#     -e HOST_URL=http://localhost:5000 dipmp-server
# With web3, for publishing and creating registries:  docker build . --target publisher -t dipmp
# Nothing secret goes in at build time: no ARG, and settings come from the environment of the container.

FROM python:3.13-slim-trixie AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /src
COPY requirements/build.txt requirements/image.txt requirements/
RUN python -m pip install --require-hashes -r requirements/build.txt \
    && python -m venv --without-pip /opt/dipmp \
    && python -m pip --python /opt/dipmp/bin/python install \
        --require-hashes --no-deps --only-binary :all: -r requirements/image.txt
COPY pyproject.toml README.md LICENSE ./
COPY dipmp_lib dipmp_lib/
COPY cli cli/
RUN python -m pip wheel --no-deps --no-build-isolation --wheel-dir /wheels . \
    && python -m pip --python /opt/dipmp/bin/python install --no-deps --no-index /wheels/dipmp_pkg-*.whl

FROM build AS build-publisher
COPY requirements/base.txt requirements/
RUN python -m pip --python /opt/dipmp/bin/python install \
        --require-hashes --no-deps --only-binary :all: -r requirements/base.txt

FROM python:3.13-slim-trixie AS runtime
# Bytecode is in the environment already; what runs writes nothing, so that it can run with --read-only.
ENV PATH=/opt/dipmp/bin:$PATH HOME=/tmp PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
WORKDIR /
# A number, so that an orchestrator can tell that it is not root. It owns nothing in the image.
USER 65532:65532

FROM runtime AS publisher
COPY --from=build-publisher /opt/dipmp /opt/dipmp
ENTRYPOINT ["dipmp"]
CMD ["--help"]

FROM runtime AS server
COPY --from=build /opt/dipmp /opt/dipmp
EXPOSE 5000
# The kernel drops signals that the first process of a container does not handle. Python handles SIGINT from its first
# moment, SIGTERM only when the server is up; both let requests that are running end.
STOPSIGNAL SIGINT
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s --retries=3 \
    CMD ["python", "-c", "from http.client import HTTPConnection as C; c = C('127.0.0.1', 5000, timeout=4); c.request('GET', '/healthz'); raise SystemExit(c.getresponse().status != 200)"]
CMD ["dipmp", "serve", "--host", "0.0.0.0", "--port", "5000"]
