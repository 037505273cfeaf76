# bench: side by side with the peers; never run by make check
EXTRA_DIST += bench/run bench/disk.py bench/peers.py bench/load.py bench/README.md
