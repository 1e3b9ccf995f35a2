#!/bin/sh
# Installs the clients that the scripted sessions drive: Debian packages, and
# the Node packages at the versions of node/package-lock.json. Run it as root.
# Node itself (20 or later, with npm) has to be there already.
set -eu
cd "$(dirname "$0")"

packages="mariadb-client mycli python3-pymysql"
missing=""
for package in $packages; do
	dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing="$missing $package"
done
if [ -n "$missing" ]; then
	export DEBIAN_FRONTEND=noninteractive
	apt-get update -q
	# shellcheck disable=SC2086 # one word a package
	apt-get install -q -y --no-install-recommends $missing
fi

(cd node && npm ci --no-audit --no-fund --ignore-scripts)
