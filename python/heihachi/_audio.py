"""Sound in and out: files, rates, channels; and what is read off samples without a transform."""

__all__ = []
