"""Chromagrams and the tonal centroid."""

__all__ = []
