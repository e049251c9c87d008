"""Constant-Q and variable-Q transforms."""

__all__ = []
