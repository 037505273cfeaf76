# lib/sys: layer 1, the operating system
noinst_LIBRARIES += lib/sys/libsys.a
lib_sys_libsys_a_SOURCES = lib/sys/crc.c lib/sys/crc.h
SYS_LIB = lib/sys/libsys.a
