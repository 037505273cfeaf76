#!/bin/sh
# Make configure from a git checkout.
set -e
cd "$(dirname "$0")"
mkdir -p build-aux
autoreconf -fi
