"""Small tools on arrays: frames, normalisation, local maxima, peaks, masks."""

__all__ = []
