"""Beats and the predominant pulse."""

__all__ = []
