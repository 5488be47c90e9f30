"""Presets, model cards and the shipped checkpoint. Data; `gdt2usd.shipped` finds it."""
