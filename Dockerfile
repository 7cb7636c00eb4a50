# One binary on a small Debian, run by a user without rights. All that must be kept lies in /data:
#
#   docker build -t tawasul .
#   docker run -p 8080:8080 -v tawasul:/data -e TAWASUL_SERVER__PUBLIC_URL=https://tawasul.example.org tawasul
#
# Configuration files, where there are any, go to /data/config (-v ./config:/data/config:ro). Built with BuildKit, Docker's
# builder since version 23.

FROM rust:1-slim-bookworm AS builder
# The image brings the C compiler that SQLite, zstd and ring are built with.
WORKDIR /build
COPY . .
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/build/target \
    cargo build --profile dist --locked --bin tawasul \
 && cp target/dist/tawasul /usr/local/bin/tawasul

FROM debian:bookworm-slim
# ca-certificates: the roots that mail servers and the networks' APIs are checked against.
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --uid 10001 --user-group --no-create-home --home-dir /data --shell /usr/sbin/nologin tawasul \
 && install -d -o tawasul -g tawasul -m 0700 /data
COPY --from=builder /usr/local/bin/tawasul /usr/local/bin/tawasul

# The vault key is as precious as the database: without it the names and addresses in it cannot be read. Keep a copy apart.
ENV TAWASUL_SERVER__LISTEN=0.0.0.0:8080 \
    TAWASUL_STORAGE__URL=sqlite:///data/tawasul.db \
    TAWASUL_STORAGE__BLOBS=/data/blobs \
    TAWASUL_VAULT__KEY_FILE=/data/vault.key

USER tawasul
WORKDIR /data
VOLUME /data
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 CMD ["tawasul", "health"]
# It reads config/ in the folder it runs in, which is /data.
ENTRYPOINT ["tawasul"]
CMD ["serve"]
