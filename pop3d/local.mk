# pop3d: what the build makes of this folder
