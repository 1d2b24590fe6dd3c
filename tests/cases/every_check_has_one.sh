#!/bin/sh
# every_check_has_one.sh HOSTPREP: each check has at least one case in a folder of its name, and no folder is nobody's.
here=$(cd "$(dirname "$0")" && pwd)
failed=0
ids=$("$1" list --format=json | sed -n 's/^ *"id": "\(.*\)".*/\1/p')
if [ -z "$ids" ]; then
	echo "hostprep list prints no ids"
	exit 1
fi
for id in $ids; do
	if ! ls "$here/$id"/*.case >/dev/null 2>&1; then
		echo "no case: tests/cases/$id/*.case"
		failed=1
	fi
done
for folder in "$here"/*/; do
	name=$(basename "$folder")
	[ "$name" = __pycache__ ] && continue
	if ! echo "$ids" | grep -Fxq "$name"; then
		echo "no check is called $name: tests/cases/$name"
		failed=1
	fi
done
exit $failed
