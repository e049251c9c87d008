"""Fundamental frequency, spectral peaks, tuning."""

__all__ = []
