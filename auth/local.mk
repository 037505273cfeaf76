# auth: what the build makes of this folder
