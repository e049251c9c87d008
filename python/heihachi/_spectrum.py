"""The short-time Fourier transform, its inverse and its kin; decibels."""

__all__ = []
