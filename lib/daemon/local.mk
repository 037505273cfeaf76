# lib/daemon: what the build makes of this folder
