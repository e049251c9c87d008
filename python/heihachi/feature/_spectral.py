"""Features of the spectrum, frame by frame."""

__all__ = []
