#!/bin/sh
# Installs what `make test-all` needs beside Python: Chromium for the screens; Node and npm for the browser script; a
# PC/SC stack with a virtual reader, and what building pyscard takes, for the virtual cards. Debian and its relatives;
# elsewhere it says what to do.
set -e
missing=""
PATH=$PATH:/usr/sbin:/sbin
need() { # PACKAGE: add it unless the rest of the line is a command that succeeds
    package=$1
    shift
    "$@" >/dev/null 2>&1 || missing="$missing $package"
}
has_python_header() {
    [ -e "$("${PYTHON:-python3}" -c 'import sysconfig; print(sysconfig.get_path("include"))')/Python.h" ]
}
need chromium command -v chromium
need nodejs command -v node
need npm command -v npm
need pcscd command -v pcscd
need vsmartcard-vpcd test -e /etc/reader.conf.d/vpcd
need opensc command -v opensc-tool
need iproute2 command -v ip
need util-linux command -v unshare
need gcc command -v cc
need libpcsclite-dev test -e /usr/include/PCSC/winscard.h
need python3-dev has_python_header
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
