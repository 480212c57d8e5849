"""autofix finds losses that leave the framework's graph, mends them, and proves each mend by running it."""

__version__ = "0.1.0"
