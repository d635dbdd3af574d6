"""docs/deploying.md, walked in a bare Debian 12: `make walk`."""
