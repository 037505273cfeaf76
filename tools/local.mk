# tools: gates and helpers that run from the source tree
EXTRA_DIST += tools/packages tools/install-packages tools/checkdeps tools/checkstyle
