"""Tempograms and tempo."""

__all__ = []
