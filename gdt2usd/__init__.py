"""From a layout sketch and a paragraph of text to a simulated, animated OpenUSD factory."""

__version__ = "0.1.0"
