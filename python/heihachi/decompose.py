"""Spectrograms taken apart."""

__all__ = []
