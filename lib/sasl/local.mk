# lib/sasl: what the build makes of this folder
