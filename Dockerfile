# Two stages: wheels are built and installed in the first, the second holds no build tools.
FROM python:3.11-slim AS builder
WORKDIR /src
RUN python -m venv /opt/bot
COPY pyproject.toml constraints.txt README.md ./
COPY bot bot
COPY providers providers
COPY storage storage
RUN /opt/bot/bin/pip install --no-cache-dir -c constraints.txt '.[postgres]' \
    && /opt/bot/bin/python -m compileall -q /opt/bot

FROM python:3.11-slim
RUN useradd --system --uid 10001 --home-dir /data bot && install -d -o bot /data
COPY --from=builder /opt/bot /opt/bot
USER bot
WORKDIR /data
ENV DATA_DIR=/data PYTHONUNBUFFERED=1
VOLUME /data
# SIGTERM starts a graceful stop of at most ten seconds; give it more than that.
STOPSIGNAL SIGTERM
CMD ["/opt/bot/bin/python", "-m", "bot", "run"]
