"""What is done to features: derivatives, memory."""

__all__ = []
