# lib/queue: what the build makes of this folder
