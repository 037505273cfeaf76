# lib/tls: what the build makes of this folder
