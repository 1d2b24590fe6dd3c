#!/usr/bin/env bash
# pure_objects.sh OBJECT_DIR: nothing but the door (agent/io) and the command line opens, writes, forks or connects.
# OBJECT_DIR is where CMake leaves the agent library's objects.
set -euo pipefail
objects=$1
impure='^ *U (fwrite|fputs|printf|puts|fcntl|poll|waitpid|waitid|dup2|fsync|sigaction|signal|getcwd|isatty)$'
impure+='|^ *U (open|openat|fopen|read|write|send|recv|socket|connect|fork|vfork|posix_spawn|execve|system|popen|kill|pipe)$'
impure+='|^ *U (unlink|rename|mkdir|chmod|truncate|ftruncate|stat|lstat|opendir|getenv|setenv|time|clock_gettime|gettimeofday)$'
seen=0 bad=0
for folder in agent/base agent/tools agent/engine agent/report checks; do
    for object in "$objects/$folder"/*.o; do
        seen=$((seen + 1))
        if nm -u "$object" | sed 's/@.*//' | grep -E "$impure"; then
            echo "$object is not pure" >&2
            bad=1
        fi
    done
done
((seen > 20)) || {
    echo "only $seen objects under $objects: is that the right place?" >&2
    exit 1
}
((bad == 0)) && echo "$seen objects are pure"
exit "$bad"
