#!/bin/sh
# Installs what `make test-all` needs beside Python: Node and npm. Debian and its relatives; elsewhere it says what to do.
set -e
missing=""
command -v node >/dev/null 2>&1 || missing="$missing nodejs"
command -v npm >/dev/null 2>&1 || missing="$missing npm"
[ -z "$missing" ] && { echo "Nothing is missing."; exit 0; }
if ! command -v apt-get >/dev/null 2>&1; then
    echo "Install these with your package manager, then run 'make test-all':$missing" >&2
    exit 1
fi
as_root=""
if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null 2>&1; then
        echo "Run this as root, then 'make test-all': apt-get update && apt-get install -y$missing" >&2
        exit 1
    fi
    as_root="sudo"
fi
$as_root apt-get update -qq
# shellcheck disable=SC2086
$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $missing
