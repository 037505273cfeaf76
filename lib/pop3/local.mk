# lib/pop3: what the build makes of this folder
