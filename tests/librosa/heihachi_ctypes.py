"""Calls the shared library from the tests, without any binding: HEIHACHI_LIBRARY names it.

    lib = heihachi_ctypes.library()
    with heihachi_ctypes.Context(threads=3, cpu=heihachi_ctypes.CPU_BASE) as context:
        out = heihachi_ctypes.Array()
        y = heihachi_ctypes.signal(y, 22050)
        context.check(lib.hh_yin(context, y, None, ctypes.byref(out)))
        f0 = out.take()  # a NumPy copy; the library's memory is freed
"""

import ctypes
import os

import numpy as np

CPU_BEST, CPU_BASE, CPU_X86_V3, CPU_X86_V4 = range(4)
CONSTANT, EDGE, REFLECT, SYMMETRIC, LINEAR_RAMP, WRAP = range(6)
HANN = 0
TYPES = [np.float32, np.float64, np.complex64, np.int64, np.bool_, np.complex128]


class Signal(ctypes.Structure):
    _fields_ = [
        ("channel", ctypes.POINTER(ctypes.c_void_p)),
        ("channels", ctypes.c_int),
        ("length", ctypes.c_size_t),
        ("rate", ctypes.c_double),
        ("channel_f64", ctypes.POINTER(ctypes.c_void_p)),
    ]


class Allocator(ctypes.Structure):
    _fields_ = [("allocate", ctypes.c_void_p), ("release", ctypes.c_void_p),
                ("user", ctypes.c_void_p)]


class ContextParams(ctypes.Structure):
    _fields_ = [
        ("size", ctypes.c_size_t),
        ("allocator", Allocator),
        ("threads", ctypes.c_int),
        ("cpu_level", ctypes.c_int),
        ("log", ctypes.c_void_p),
        ("log_user", ctypes.c_void_p),
    ]


class Array(ctypes.Structure):
    _fields_ = [
        ("type", ctypes.c_int),
        ("dimensions", ctypes.c_int),
        ("shape", ctypes.c_size_t * 4),
        ("data", ctypes.c_void_p),
        ("owner", Allocator),
    ]

    def take(self):
        shape = tuple(self.shape[i] for i in range(self.dimensions))
        dtype = np.dtype(TYPES[self.type])
        count = int(np.prod(shape, dtype=np.int64))
        result = np.frombuffer(ctypes.string_at(self.data, count * dtype.itemsize),
                               dtype).reshape(shape).copy()
        library().hh_array_free(ctypes.byref(self))
        return result

    @classmethod
    def view(cls, values):
        """A view of a NumPy array, for functions that read arrays. Keeps the array alive; never
        free it."""
        values = np.ascontiguousarray(values)
        array = cls()
        array.type = [np.dtype(t) for t in TYPES].index(values.dtype)
        array.dimensions = values.ndim
        for i, n in enumerate(values.shape):
            array.shape[i] = n
        array.data = values.ctypes.data
        array.keep = values
        return array


class Window(ctypes.Structure):
    _fields_ = [("kind", ctypes.c_int), ("parameter", ctypes.c_double), ("values", ctypes.c_void_p)]


class StftParams(ctypes.Structure):
    _fields_ = [
        ("size", ctypes.c_size_t),
        ("n_fft", ctypes.c_size_t),
        ("hop_length", ctypes.c_size_t),
        ("win_length", ctypes.c_size_t),
        ("window", Window),
        ("center", ctypes.c_bool),
        ("pad", ctypes.c_int),
    ]


_library = None


def library():
    global _library
    if _library is None:
        _library = ctypes.CDLL(os.environ["HEIHACHI_LIBRARY"])
        _library.hh_context_message.restype = ctypes.c_char_p
        _library.hh_status_name.restype = ctypes.c_char_p
    return _library


def signal(y, rate, dtype=np.float32):
    """y: (n,) or (channels, n); dtype: float32, or float64 for functions that take doubles."""
    y = np.ascontiguousarray(np.atleast_2d(y), dtype=dtype)
    pointers = (ctypes.c_void_p * len(y))(*[row.ctypes.data for row in y])
    planes = ctypes.cast(pointers, ctypes.POINTER(ctypes.c_void_p))
    s = Signal(None, len(y), y.shape[-1], rate, planes)
    if y.dtype == np.float32:
        s.channel, s.channel_f64 = planes, None
    s.keep = (y, pointers)
    return ctypes.byref(s)


class Failure(Exception):
    pass


class Context:
    def __init__(self, threads=1, cpu=CPU_BEST):
        params = ContextParams(size=ctypes.sizeof(ContextParams), threads=threads, cpu_level=cpu)
        self._as_parameter_ = ctypes.c_void_p()
        self.check(library().hh_context_create(ctypes.byref(params),
                                               ctypes.byref(self._as_parameter_)))

    def check(self, status):
        if status != 0:
            message = library().hh_context_message(self._as_parameter_).decode()
            raise Failure(library().hh_status_name(status).decode() + ": " + message)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        library().hh_context_destroy(self._as_parameter_)
        self._as_parameter_ = ctypes.c_void_p()
