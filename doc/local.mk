# doc: what the build makes of this folder
EXTRA_DIST += doc/QUEUE.md
