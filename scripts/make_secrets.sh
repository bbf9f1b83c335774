#!/bin/sh
# The secrets that docker-compose.yml asks for, once: sh scripts/make_secrets.sh. Those that are there stay as they are.
# The image makes the archive's key; another command that prints one may be given instead.
set -eu
folder=${SECRETS_DIR:-secrets}
[ $# -gt 0 ] || set -- docker run --rm "ipcredit:${IPCREDIT_IMAGE_TAG:-local}" python -m ipcredit.cli archive new-key
[ -d "$folder" ] || mkdir -m 700 "$folder"

# 32 random bytes in the letters that URLs and Airflow's Fernet key allow.
random() { head -c 32 /dev/urandom | base64 | tr '+/' '-_'; }
# Without a line's end, which Airflow would take for a part of the secret. The folder keeps others out; inside the
# containers the services' own users have to read the files.
keep() {
    [ -s "$folder/$1" ] && return
    printf %s "$2" > "$folder/$1.unfinished"
    chmod 644 "$folder/$1.unfinished"
    mv "$folder/$1.unfinished" "$folder/$1"
}
kept() { cat "$folder/$1"; }

if [ ! -s "$folder/ipcredit_archive_keys" ]; then
    key=$("$@")
    keep ipcredit_archive_keys "$key"
fi
for name in airflow_api_secret_key airflow_fernet_key airflow_jwt_secret ipcredit_person_key; do
    keep $name "$(random)"
done
for name in airflow_database_password ipcredit_database_password redis_password; do
    keep $name "$(random | tr -d =)"
done
keep ipcredit_database_url "postgresql://ipcredit:$(kept ipcredit_database_password)@warehouse/ipcredit"
keep airflow_sql_alchemy_conn "postgresql+psycopg2://airflow:$(kept airflow_database_password)@metadata/airflow"
keep airflow_result_backend "db+postgresql://airflow:$(kept airflow_database_password)@metadata/airflow"
keep airflow_broker_url "redis://:$(kept redis_password)@redis:6379/0"
keep sftp_environment "SFTPGO_DEFAULT_ADMIN_PASSWORD=$(random)"
