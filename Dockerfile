# docker build -t netproof . && docker run --rm -v "$PWD:/work:ro" netproof analyze snapshot --scope detect-public-databases
FROM rust:1.95-slim-bookworm AS build
# Debian's fixes are wanted, so versions are not pinned.
# hadolint ignore=DL3008
RUN apt-get update && apt-get install --yes --no-install-recommends libz3-dev pkg-config && rm -rf /var/lib/apt/lists/*
WORKDIR /source
COPY . .
RUN cargo build --release --locked -p netproof-cli && strip target/release/netproof

FROM debian:bookworm-slim
# hadolint ignore=DL3008
RUN apt-get update && apt-get install --yes --no-install-recommends libz3-4 && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin netproof
COPY --from=build /source/target/release/netproof /usr/local/bin/netproof
COPY --from=build /source/LICENSE-MIT /source/LICENSE-APACHE /usr/share/doc/netproof/
# By number, so that Kubernetes can see that it is not root.
USER 10001
WORKDIR /work
ENTRYPOINT ["netproof"]
