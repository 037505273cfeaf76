# cmd: what the build makes of this folder

# what command line tools share: name, messages, configuration
noinst_LIBRARIES += cmd/libcmd.a
cmd_libcmd_a_SOURCES = cmd/tool.c cmd/tool.h
CMD_LIB = cmd/libcmd.a
CMD_LIBS = $(CMD_LIB) $(TABLE_LIB) $(CONF_LIB) $(SYS_LIB) $(BASE_LIB) $(TABLE_LIBS)

sbin_PROGRAMS += cmd/postmap cmd/postalias
cmd_map_sources = cmd/mapbuild.c cmd/mapmessage.c cmd/maptool.c cmd/maptool.h
cmd_postmap_SOURCES = cmd/postmap.c $(cmd_map_sources)
cmd_postmap_LDADD = $(MAIL_LIB) $(CMD_LIBS) $(UNISTRING_LIBS)
cmd_postalias_SOURCES = cmd/postalias.c $(cmd_map_sources)
cmd_postalias_LDADD = $(MAIL_LIB) $(CMD_LIBS) $(UNISTRING_LIBS)

# against the commands of an installed Postfix; skipped where there is none
dist_check_SCRIPTS += tests/compare/maptools
TESTS += tests/compare/maptools
EXTRA_DIST += tests/compare/lib.sh
