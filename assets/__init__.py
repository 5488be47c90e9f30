"""The workstation library: USD assets and `catalog.toml`. Data; `gdt2usd.shipped` finds it."""
