# `docker build .` makes the bot without torch; `docker build --target local .` the one that draws itself.
# Packages are installed in the first stages; what runs holds no pip, no compiler, and writes to /data alone.
ARG PYTHON=python:3.11-slim-bookworm

FROM ${PYTHON} AS builder
WORKDIR /src
RUN python3 -m venv /opt/bot
COPY pyproject.toml constraints.txt README.md ./
COPY bot bot
COPY providers providers
COPY storage storage
RUN /opt/bot/bin/pip install --no-cache-dir --constraint constraints.txt '.[postgres,charts,s3]'

FROM builder AS builder-local
# Plain PyPI serves torch for CUDA on x86-64; for CPUs give --build-arg PIP_EXTRA_INDEX_URL=... (see the README).
ARG PIP_EXTRA_INDEX_URL
RUN /opt/bot/bin/pip install --no-cache-dir --constraint constraints.txt '.[local]'
RUN /opt/bot/bin/python -m compileall -q /opt/bot; /opt/bot/bin/pip uninstall --yes --quiet pip

FROM builder AS builder-base
RUN /opt/bot/bin/python -m compileall -q /opt/bot; /opt/bot/bin/pip uninstall --yes --quiet pip

FROM ${PYTHON} AS runtime
RUN python3 -m pip uninstall --yes --quiet --root-user-action=ignore pip setuptools wheel \
    && useradd --uid 10001 --no-create-home --home-dir /data --shell /usr/sbin/nologin bot \
    && install -d -o bot -m 700 /data
USER bot
WORKDIR /data
# HOME is on the volume, so what libraries cache (models of the hub, fonts) stays and needs no other place.
ENV DATA_DIR=/data HOME=/data HF_HOME=/data/huggingface PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
VOLUME /data
# SIGTERM begins a stop of at most ten seconds: `docker stop --time 15`, `stop_grace_period` in compose.yaml.
STOPSIGNAL SIGTERM
# While Telegram or the database can't be reached a start waits, and answers nothing yet.
HEALTHCHECK --interval=30s --timeout=6s --start-period=90s --retries=3 \
    CMD ["/opt/bot/bin/python", "-m", "bot.health"]
ENTRYPOINT ["/opt/bot/bin/python", "-m", "bot"]
CMD ["run"]

FROM runtime AS local
COPY --from=builder-local /opt/bot /opt/bot

FROM runtime AS base
COPY --from=builder-base /opt/bot /opt/bot
