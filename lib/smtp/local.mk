# lib/smtp: what the build makes of this folder
