# tools: gates and helpers that run from the source tree; one a line: many add theirs
EXTRA_DIST += autogen.sh quickstart LICENSE \
	tools/README.md \
	tools/checkbinaries \
	tools/checkdeps \
	tools/checkdist \
	tools/checkdocs \
	tools/checkman \
	tools/checkparams \
	tools/checkstyle \
	tools/checkunused \
	tools/cppcheck.suppress \
	tools/install-packages \
	tools/lint-cppcheck \
	tools/lint-scripts \
	tools/lint-tidy \
	tools/make-instance \
	tools/packages \
	tools/try-instance
