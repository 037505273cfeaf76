# lib/mail: what the build makes of this folder
