/* cmd/postalias.c - the same for alias files ("name: value"). */
/* SPDX-License-Identifier: ISC */
#include "cmd/maptool.h"

int main(int argc, char **argv)
{
	struct maptool tool = {
		.name = "postalias",
		.options = "+c:d:finNopq:rsuvw",
		.usage = "postalias [-Nfinoprsuvw] [-c config_dir] [-d key] [-q key] "
			 "[map_type:]file...",
		.is_alias = true,
	};

	return maptool_main(&tool, argc, argv);
}
