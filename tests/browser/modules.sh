#!/usr/bin/env bash
# Installs what the page's test needs beside the build: modules.sh FOLDER. Does nothing when it is there already.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
folder=${1:?usage: modules.sh FOLDER}

mkdir -p "$folder"
cmp -s "$here/package-lock.json" "$folder/package-lock.json" && [[ -d $folder/node_modules/axe-core ]] && exit 0
cp "$here/package.json" "$here/.npmrc" "$folder/"
cp "$here/package-lock.json" "$folder/package-lock.json.new"
mv "$folder/package-lock.json.new" "$folder/package-lock.json"
rm -rf "$folder/node_modules"
if ! npm ci --prefix "$folder" --silent --ignore-scripts; then
    rm -f "$folder/package-lock.json"
    echo "modules: npm could not fetch them; the page is not tried in a browser" >&2
    exit 77
fi
