# lib/address: what the build makes of this folder
