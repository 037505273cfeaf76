# cleanup: what the build makes of this folder
