# lib/conf: main.cf, master.cf, parameters
noinst_LIBRARIES += lib/conf/libconf.a
lib_conf_libconf_a_SOURCES = \
	lib/conf/check.c lib/conf/check.h lib/conf/computed.c lib/conf/computed.h \
	lib/conf/derived.def lib/conf/edit.c lib/conf/edit.h lib/conf/faults.c \
	lib/conf/foreign.def lib/conf/known.c lib/conf/known.h lib/conf/logical.c \
	lib/conf/logical.h lib/conf/macro.c lib/conf/macro.h lib/conf/maincf.c \
	lib/conf/maincf.h lib/conf/mastercf.c lib/conf/mastercf.h lib/conf/masterfile.c \
	lib/conf/masterfile.h lib/conf/masterline.c lib/conf/masterline.h \
	lib/conf/networks.c lib/conf/networks.h lib/conf/param.c lib/conf/param.h \
	lib/conf/param_struct.h lib/conf/params.def lib/conf/programs.def \
	lib/conf/registry.c lib/conf/registry.h lib/conf/replace.c lib/conf/replace.h \
	lib/conf/slurp.c lib/conf/slurp.h lib/conf/values.c lib/conf/values.def lib/conf/values.h
EXTRA_DIST += lib/conf/README.md
CONF_LIB = lib/conf/libconf.a

if HAVE_CMOCKA
conf_tests = tests/unit/conf/test_check tests/unit/conf/test_edit tests/unit/conf/test_macro tests/unit/conf/test_maincf tests/unit/conf/test_mastercf \
	tests/unit/conf/test_param tests/unit/conf/test_shipped
check_PROGRAMS += $(conf_tests)
TESTS += $(conf_tests)
endif
tests_unit_conf_test_macro_SOURCES = tests/unit/conf/test_macro.c tests/unit/unit.h
tests_unit_conf_test_macro_LDADD = $(CONF_LIB) $(BASE_LIB) $(CMOCKA_LIBS)
tests_unit_conf_test_maincf_SOURCES = tests/unit/conf/test_maincf.c tests/unit/unit.h
tests_unit_conf_test_maincf_LDADD = $(CONF_LIB) $(BASE_LIB) $(CMOCKA_LIBS)
tests_unit_conf_test_param_SOURCES = tests/unit/conf/test_param.c tests/unit/conf/sample.def \
	tests/unit/unit.h
tests_unit_conf_test_param_LDADD = $(CONF_LIB) $(BASE_LIB) $(CMOCKA_LIBS)
tests_unit_conf_test_mastercf_SOURCES = tests/unit/conf/test_mastercf.c tests/unit/unit.h
tests_unit_conf_test_mastercf_LDADD = $(CONF_LIB) $(BASE_LIB) $(CMOCKA_LIBS)
tests_unit_conf_test_check_SOURCES = tests/unit/conf/test_check.c tests/unit/unit.h
tests_unit_conf_test_check_LDADD = $(CONF_LIB) $(BASE_LIB) $(CMOCKA_LIBS)
tests_unit_conf_test_edit_SOURCES = tests/unit/conf/test_edit.c tests/unit/unit.h
tests_unit_conf_test_edit_LDADD = $(CONF_LIB) $(BASE_LIB) $(CMOCKA_LIBS)

fuzz_targets += tests/fuzz/fuzz_maincf tests/fuzz/fuzz_mastercf tests/fuzz/fuzz_macro
conf_fuzz_libs = $(CONF_LIB) $(BASE_LIB) $(FUZZ_LIBS)
tests_fuzz_fuzz_maincf_SOURCES = tests/fuzz/fuzz_maincf.c $(FUZZ_MAIN)
tests_fuzz_fuzz_maincf_LDADD = $(conf_fuzz_libs)
tests_fuzz_fuzz_mastercf_SOURCES = tests/fuzz/fuzz_mastercf.c $(FUZZ_MAIN)
tests_fuzz_fuzz_mastercf_LDADD = $(conf_fuzz_libs)
tests_fuzz_fuzz_macro_SOURCES = tests/fuzz/fuzz_macro.c $(FUZZ_MAIN)
tests_fuzz_fuzz_macro_LDADD = $(conf_fuzz_libs)
tests_unit_conf_test_shipped_SOURCES = tests/unit/conf/test_shipped.c tests/unit/unit.h
tests_unit_conf_test_shipped_LDADD = $(CONF_LIB) $(BASE_LIB) $(CMOCKA_LIBS)
