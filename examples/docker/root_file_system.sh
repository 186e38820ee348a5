#!/bin/sh
# Makes the root file system of the image: root_file_system.sh BINARY DIRECTORY
#
# The binary, and the shared libraries that it is linked with where the loader looks for them. The image is this and nothing else,
# so what works in a `chroot` to this directory works in the image.
set -eu
binary=$1
root=$2
mkdir -p "$root/usr/bin"
cp "$binary" "$root/usr/bin/rfmetrics"
# Symbols are for debuggers; line numbers of backtraces go with them.
strip "$root/usr/bin/rfmetrics" || true
ldd "$binary" | grep -o '/[^ ]*' | sort -u | while read -r library; do
  mkdir -p "$root$(dirname "$library")"
  cp -L "$library" "$root$library"
done
chmod -R a+rX,go-w "$root"
