# syntax=docker/dockerfile:1

# The base images are named by tag here. A release pins both by digest (`FROM node:24-bookworm-slim@sha256:…`), looked up
# with `docker buildx imagetools inspect` when it is made, so that the same source gives the same image.
FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json LICENSE ./
# No package may run code of its own while it is installed.
RUN npm ci --ignore-scripts
COPY tsconfig.json ./
COPY scripts/bundle.ts scripts/bundle-code.ts scripts/bundled-packages.ts scripts/lockfile.ts scripts/sbom.ts ./scripts/
COPY src ./src
# The program with what it uses of its packages, their licences, and for scanners an SBOM.
RUN node scripts/bundle.ts

# Node and its libraries: no shell, no package manager, user 65532.
FROM gcr.io/distroless/nodejs24-debian13:nonroot
ARG VERSION
ARG REVISION
LABEL org.opencontainers.image.title="patchline" \
      org.opencontainers.image.description="Kubernetes admission webhook and audit reporter: tells when a newer patch of an image's line exists" \
      org.opencontainers.image.url="https://github.com/patchline/patchline" \
      org.opencontainers.image.source="https://github.com/patchline/patchline" \
      org.opencontainers.image.documentation="https://github.com/patchline/patchline/tree/main/docs" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$REVISION"
# One arena: the C library otherwise spreads what is free over many, and gives none of it back. With the two thresholds (its own
# defaults) it gives back what is freed from 128 KiB on: without them it raises them by itself, up to 32 and 64 MiB.
ENV NODE_ENV=production MALLOC_ARENA_MAX=1 MALLOC_MMAP_THRESHOLD_=131072 MALLOC_TRIM_THRESHOLD_=131072
WORKDIR /app
COPY --from=build /app/bundle ./
# By number: `runAsNonRoot` cannot check a name.
USER 65532:65532
EXPOSE 8443 8080
# The exec form: the process is PID 1 and gets SIGTERM itself.
# Without the flag a signal opens the inspector.
# A small young generation: the buffers of what arrives are freed with it, soon; 16 MiB would hold 40 MiB more under a siege.
ENTRYPOINT ["/nodejs/bin/node", "--disable-sigusr1", "--max-semi-space-size=4", "/app/main.js"]
CMD ["serve", "--config", "/etc/patchline/config/patchline.yaml"]
