# tests: what is shared by all tests; unit tests stand in the fragment of what they test
if FUZZING
FUZZ_REPLAY =
FUZZ_LIBS = -fsanitize=fuzzer
else
FUZZ_LIBS =
FUZZ_REPLAY = tests/fuzz/replay.c
endif
check_PROGRAMS += $(fuzz_targets)
TESTS += $(fuzz_targets)
EXTRA_DIST += tests/fuzz/corpus
AM_TESTS_ENVIRONMENT = srcdir='$(srcdir)'; export srcdir;
