"""Whole tracks: the analysis, the fingerprint, how similar two of them are."""

__all__ = []
