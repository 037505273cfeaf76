# lib/event: what the build makes of this folder
