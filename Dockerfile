# syntax=docker/dockerfile:1
FROM node:24-slim AS frontend
WORKDIR /src/frontend
COPY frontend/package.json frontend/package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY frontend/ ./
RUN npm run build

FROM python:3.11-slim
RUN useradd --system --create-home --uid 10001 trunkline
WORKDIR /srv/trunkline
# Production refuses default and weak secrets and a PUBLIC_URL without https; docker-compose.yml says how to try it.
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 HOST=0.0.0.0 TRUNKLINE_ENV=production
COPY requirements.lock ./
# The lock holds the laptop's stand-ins too: FFmpeg is needed here, and compose runs the local transcoder from it.
RUN pip install --no-cache-dir --require-hashes -r requirements.lock
COPY app/ app/
COPY sql/ sql/
COPY docs/ docs/
COPY --from=frontend /src/frontend/dist frontend/dist
USER trunkline
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
  CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8080/health', timeout=2)"]
ENTRYPOINT ["python", "-m", "app"]
CMD ["serve"]
