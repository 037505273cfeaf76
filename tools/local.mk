# tools: gates and helpers that run from the source tree
EXTRA_DIST += tools/README.md tools/packages tools/install-packages tools/checkdeps tools/checkparams tools/checkstyle \
	tools/make-instance tools/try-instance tools/checkman tools/checkdocs tools/checkdist tools/checkunused tools/checkbinaries tools/lint-tidy \
	tools/lint-cppcheck \
	tools/cppcheck.suppress quickstart autogen.sh LICENSE
