# lib/imap: what the build makes of this folder
