"""The filters and windows behind the features."""

__all__ = []
