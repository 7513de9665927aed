"""The whole Japanese Individual Number (My Number) Card system in one box."""

__version__ = "0.1.0"
