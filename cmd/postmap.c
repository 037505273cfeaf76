/* cmd/postmap.c - build, ask and change lookup tables; options and output as Postfix's. */
/* SPDX-License-Identifier: ISC */
#include "cmd/maptool.h"

int main(int argc, char **argv)
{
	struct maptool tool = {
		.name = "postmap",
		.options = "+bc:d:fFhimnNopq:rsuUvw",
		.usage = "postmap [-bfFhimnNoprsuUvw] [-c config_dir] [-d key] [-q key] "
			 "[map_type:]file...",
	};

	return maptool_main(&tool, argc, argv);
}
