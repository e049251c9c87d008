"""What turns sound into sound: separation, time and pitch, trimming and splitting."""

__all__ = []
