# lib/conf: what the build makes of this folder
