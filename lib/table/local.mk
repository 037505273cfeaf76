# lib/table: what the build makes of this folder
