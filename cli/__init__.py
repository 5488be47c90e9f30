"""The `gdt2usd` command: one file per command, `main` assembles, only `console` prints."""
