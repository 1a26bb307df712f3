# The image of the quick start: docs/guides/container.md.
#
#   docker build -t meshmon .
#   docker build -t meshmon --build-arg BINARY=prebuilt .      packs build/release/meshmon instead of compiling it again
FROM debian:bookworm-slim AS binary
ARG BINARY=build
WORKDIR /src
COPY . .
# One stage for both: older buildah, and so podman, finds no stage whose name is a variable.
RUN if [ "$BINARY" = prebuilt ]; then cp build/release/meshmon /meshmon; else \
      apt-get update && apt-get install -y --no-install-recommends ca-certificates git && scripts/build release meshmon \
      && strip -o /meshmon build/release/meshmon; fi

FROM debian:bookworm-slim
# Of git and ssh, without manuals and translations; what the program is linked with; authorities for https.
RUN printf 'path-exclude=/usr/share/%s/*\n' doc man locale >/etc/dpkg/dpkg.cfg.d/no-documents \
 && apt-get update \
 && apt-get install -y --no-install-recommends \
      ca-certificates git openssh-client libfmt9 libprometheus-cpp-core1.0 libspdlog1.10 libssl3 libstdc++6 \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/log/*
COPY --from=binary /meshmon /usr/bin/meshmon
RUN mkdir -p /app/config && chown 10001:10001 /app/config
WORKDIR /app
USER 10001:10001
VOLUME /app/config
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=3s --start-period=5s CMD ["meshmon", "healthcheck"]
ENTRYPOINT ["meshmon"]
