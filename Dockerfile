# One image for every Airflow service: the locked packages and this checkout.
FROM python:3.11-slim-bookworm

# The numeric id is that of the SFTP service: both work in the drop folders.
RUN useradd --uid 1000 --create-home ipcredit \
    && mkdir -p /opt/airflow /opt/ipcredit \
        /var/lib/ipcredit/archive /var/lib/ipcredit/backups /var/lib/ipcredit/drop /var/lib/ipcredit/outputs \
    && chown -R ipcredit:ipcredit /opt/airflow /opt/ipcredit /var/lib/ipcredit

WORKDIR /opt/ipcredit
COPY requirements.lock .
RUN pip install --no-cache-dir --only-binary :all: --no-deps --require-hashes --requirement requirements.lock
COPY --chown=ipcredit:ipcredit . .

# A release records the commit it was built by: docker compose build --build-arg CODE_COMMIT=$(git rev-parse HEAD)
ARG CODE_COMMIT=unknown
ENV AIRFLOW_HOME=/opt/airflow \
    IPCREDIT_CODE_COMMIT=${CODE_COMMIT} \
    IPCREDIT_HOME=/var/lib/ipcredit \
    PYTHONPATH=/opt/ipcredit \
    PYTHONUNBUFFERED=1
USER ipcredit
