# lib/store: what the build makes of this folder
