# lib/ipc: what the build makes of this folder
