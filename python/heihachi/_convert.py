"""Frames, samples, seconds; hertz, notes, mels, octaves: what the arguments of the other functions are made of."""

__all__ = []
