#!/bin/sh
# Runs rfmetrics in the root file system of the image, as the container would: check.sh BINARY INPUT
#
# A read-only root, no privileges, user 65532, the input read-only, one volume that may be written. Needs root (`chroot`, `mount`)
# and no container engine. What this cannot show: the build stage in its base image, and the engine itself.
set -eu
binary=$1
input=$(cd "$2" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$(dirname "$0")/root_file_system.sh" "$binary" "$work/root"
mkdir -p "$work/root/data" "$work/root/out" "$work/root/proc" "$work/volume"
chown 65532:65532 "$work/volume"
# Mounts are seen by this shell alone, and end with it.
unshare --mount sh -eu -c '
  root=$1 input=$2 volume=$3
  mount --bind "$input" "$root/data" && mount -o remount,bind,ro "$root/data"
  mount --bind "$volume" "$root/out"
  mount -t proc -o ro proc "$root/proc"
  mkdir "$root.ro"
  mount --rbind "$root" "$root.ro"
  mount -o remount,bind,ro "$root.ro"
  run() { chroot --userspec=65532:65532 --groups= "$root.ro" /usr/bin/rfmetrics "$@"; }
  run --version
  run run -qq --input /data --output /out/reports --as-of 2026-10-31 </dev/null
  run run -qq --input /data --output /out/lake --as-of 2026-10-31 --set output.layout=by_table </dev/null
  run verify /out/reports
  run verify /out/lake
  # Not even the super-user writes to this root.
  if chroot "$root.ro" /usr/bin/rfmetrics run -qq --input /data --output /reports 2>"$volume/refused"; then
    echo "a read-only root was written to" >&2; exit 1
  fi
  grep -q "Read-only file system" "$volume/refused" || { cat "$volume/refused" >&2; exit 1; }
' sh "$work/root" "$input" "$work/volume"
echo "image: $(du -sh "$work/root" | cut -f1), $(find "$work/root" -type f | wc -l) files; read-only root, user 65532: both layouts published and verified"
