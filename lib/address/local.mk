# lib/address: layer 3, what the configuration says about addresses
noinst_LIBRARIES += lib/address/libaddress.a
lib_address_libaddress_a_SOURCES = \
	lib/address/address.c lib/address/address.h lib/address/address_int.h lib/address/field.c lib/address/find.c \
	lib/address/map.c lib/address/resolve.c lib/address/rewrite.c lib/address/params.def
ADDRESS_LIB = lib/address/libaddress.a
EXTRA_DIST += lib/address/README.md

if HAVE_CMOCKA
address_tests = tests/unit/address/test_address
check_PROGRAMS += $(address_tests)
TESTS += $(address_tests)
endif
tests_unit_address_test_address_SOURCES = tests/unit/address/test_address.c tests/unit/unit.h
tests_unit_address_test_address_LDADD = $(ADDRESS_LIB) $(MAIL_LIB) $(TABLE_LIB) $(CONF_LIB) \
	$(BASE_LIB) $(TABLE_LIBS) $(UNISTRING_LIBS) $(CMOCKA_LIBS)
