"""Where something begins: onset strength and onsets."""

__all__ = []
