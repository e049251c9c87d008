"""heihachi.util against librosa.util: types, axes, orders in memory, exceptions."""

import librosa
import numpy as np
import pytest
from librosa import ParameterError

from heihachi import util

NUMBERS = np.random.default_rng(4)


def array(dtype, order="C", shape=(3, 20, 30)):
    x = NUMBERS.standard_normal(shape) * 10
    if np.dtype(dtype).kind == "c":
        x = x + 1j * x[::-1]
    x = np.asarray(x.astype(dtype), order=order)
    x[:, 3] = 0
    x[1, :, 7] = 0
    return x


def same(got, want, tolerance=0.0):
    assert got.dtype == want.dtype and got.shape == want.shape
    np.testing.assert_allclose(got, want, rtol=tolerance, atol=tolerance)


def tolerance_of(dtype):
    return 2e-6 if dtype in (np.float32, np.complex64) else 1e-13


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.complex64, np.complex128, np.int16])
@pytest.mark.parametrize("order", "CF")
@pytest.mark.parametrize("axis", [0, 1, -1, None])
@pytest.mark.parametrize("norm", [np.inf, -np.inf, 0, 1, 2, 0.5, None])
def test_normalize(dtype, order, axis, norm):
    x = array(dtype, order)
    for fill in (None, True, False):
        for threshold in (None, 5.0):
            if np.dtype(dtype).kind == "i" and fill:
                continue  # what NaN becomes as an integer is the processor's choice
            arguments = {"norm": norm, "axis": axis, "fill": fill, "threshold": threshold}
            if norm == 0 and fill:
                with pytest.raises(ParameterError):
                    util.normalize(x, **arguments)
                continue
            got, want = util.normalize(x, **arguments), librosa.util.normalize(x, **arguments)
            same(got, want, tolerance_of(dtype))
            assert got.strides == want.strides and not np.shares_memory(got, x)


def test_normalize_of_strided():
    x = array(np.float32)[:, ::2, ::-1]
    same(util.normalize(x, axis=1), librosa.util.normalize(x, axis=1), 1e-6)
    same(util.normalize(x, axis=(0, 2)), librosa.util.normalize(x, axis=(0, 2)), 1e-6)


@pytest.mark.parametrize(
    "arguments", [{"threshold": 0}, {"threshold": -1.0}, {"fill": 3}, {"norm": -2}, {"norm": "max"}]
)
def test_normalize_refuses(arguments):
    with pytest.raises(ParameterError):
        util.normalize(np.ones((3, 3)), **arguments)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_normalize_refuses_what_is_not_finite(bad):
    for dtype in (np.float32, np.complex128):
        x = np.ones((3, 3), dtype=dtype)
        x[1, 1] = bad
        with pytest.raises(ParameterError):
            util.normalize(x)


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int32])
@pytest.mark.parametrize("order", "CF")
@pytest.mark.parametrize("axis", [0, 1, -1])
def test_local_extrema(dtype, order, axis):
    x = np.asarray(np.round(array(dtype, order) / 8), dtype=dtype, order=order)  # with plateaus
    same(util.localmax(x, axis=axis), librosa.util.localmax(x, axis=axis))
    same(util.localmin(x, axis=axis), librosa.util.localmin(x, axis=axis))


def test_local_extrema_need_two_values():
    for function in (util.localmax, librosa.util.localmax):
        with pytest.raises(IndexError):
            function(np.ones(1))


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.complex64, np.int64])
@pytest.mark.parametrize("order", "CF")
@pytest.mark.parametrize("axis", [1, -1])
@pytest.mark.parametrize("index", [[3, 9, 15], [15, 3, 3], np.arange(0, 20, 7), [slice(0, 4), slice(2, 8, 2)]])
@pytest.mark.parametrize("aggregate", [None, np.mean, np.max, np.median])
def test_sync(dtype, order, axis, index, aggregate):
    x = array(dtype, order)
    if dtype == np.complex64 and aggregate is np.median:
        aggregate = np.sum
    for pad in (True, False):
        arguments = {"aggregate": aggregate, "pad": pad, "axis": axis}
        got = util.sync(x, index, **arguments)
        same(got, librosa.util.sync(x, index, **arguments), 10 * tolerance_of(dtype))


def test_sync_refuses():
    for index in (["a"], [slice(0, 2), 3], [1.5, 2.5]):
        with pytest.raises(ParameterError):
            util.sync(np.ones((3, 9)), index)


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int64])
@pytest.mark.parametrize("power", [1, 2, 0.5, 3.3, np.inf])
@pytest.mark.parametrize("split_zeros", [False, True])
def test_softmask(dtype, power, split_zeros):
    x = np.abs(array(dtype))
    for reference in (x[::-1], np.asfortranarray(x[::-1])):
        arguments = {"power": power, "split_zeros": split_zeros}
        same(
            util.softmask(x, reference, **arguments),
            librosa.util.softmask(x, reference, **arguments),
            1e-13 if dtype == np.float64 else 1e-6,
        )


def test_softmask_refuses():
    x = np.ones((3, 3), dtype=np.float32)
    for left, right, power in ((x, -x, 1), (-x, x, np.inf), (x, x[:2], 1), (x, x, 0), (x, x, -1)):
        with pytest.raises(ParameterError):
            util.softmask(left, right, power=power)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_peak_pick(dtype):
    for _ in range(50):
        x = np.round(NUMBERS.standard_normal((3, 80)) * 4).astype(dtype) / 4
        x[2, 40] = np.nan
        arguments = {
            name: int(NUMBERS.integers(low, 7))
            for name, low in (("pre_max", 0), ("post_max", 1), ("pre_avg", 0), ("post_avg", 1), ("wait", 0))
        }
        arguments["delta"] = float(NUMBERS.random())
        for axis in (0, -1):
            same(
                util.peak_pick(x, sparse=False, axis=axis, **arguments),
                librosa.util.peak_pick(x, sparse=False, axis=axis, **arguments),
            )
        same(util.peak_pick(x[0], **arguments), librosa.util.peak_pick(x[0], **arguments))


def test_peak_pick_refuses():
    good = {"pre_max": 1, "post_max": 1, "pre_avg": 1, "post_avg": 1, "delta": 0.1, "wait": 1}
    with pytest.raises(ParameterError):
        util.peak_pick(np.ones((2, 5)), **good)
    for name in good:
        with pytest.raises(ParameterError):
            util.peak_pick(np.ones(5), **{**good, name: -1})
    for function in (util.peak_pick, librosa.util.peak_pick):
        for x in (np.arange(5), np.ones(5, dtype=bool), np.ones(5, dtype=np.complex64)):
            with pytest.raises(TypeError):
                function(x, **good)
        for x in (np.ones(0), np.ones((2, 0))):
            with pytest.raises(ValueError):
                function(x, sparse=x.ndim == 1, **good)
        same(function(np.ones((0, 5)), sparse=False, **good), np.ones((0, 5), dtype=bool))


@pytest.mark.parametrize("axis", [0, 1, -1])
def test_frames_and_lengths(axis):
    x = array(np.float32)
    framed = util.frame(x, frame_length=3, hop_length=2, axis=axis)
    np.testing.assert_array_equal(framed, librosa.util.frame(x, frame_length=3, hop_length=2, axis=axis))
    assert not framed.flags.writeable
    for size in (x.shape[axis] - 1, x.shape[axis], x.shape[axis] + 4):
        fixed = util.fix_length(x, size=size, axis=axis)
        np.testing.assert_array_equal(fixed, librosa.util.fix_length(x, size=size, axis=axis))
        assert not np.shares_memory(fixed, x)
    wide = util.pad_center(x, size=41, axis=axis, mode="edge")
    np.testing.assert_array_equal(wide, librosa.util.pad_center(x, size=41, axis=axis, mode="edge"))
    for wrong in (
        lambda: util.pad_center(x, size=1, axis=axis),
        lambda: util.frame(x, frame_length=99, hop_length=1, axis=axis),
        lambda: util.frame(x, frame_length=2, hop_length=0, axis=axis),
    ):
        with pytest.raises(ParameterError):
            wrong()


@pytest.mark.parametrize("x_min, x_max", [(0, None), (None, None), (5, 40), (None, 30)])
@pytest.mark.parametrize("pad", [True, False])
def test_fix_frames(x_min, x_max, pad):
    frames = [33, 7, 7, 2, 50]
    same(
        util.fix_frames(frames, x_min=x_min, x_max=x_max, pad=pad),
        librosa.util.fix_frames(frames, x_min=x_min, x_max=x_max, pad=pad),
    )
    got = util.index_to_slice(frames, idx_min=x_min, idx_max=x_max, step=2, pad=pad)
    assert got == librosa.util.index_to_slice(frames, idx_min=x_min, idx_max=x_max, step=2, pad=pad)


def test_small_ones():
    x = np.ones((2, 3))
    assert util.tiny(x) == librosa.util.tiny(x) and util.tiny(3) == librosa.util.tiny(3)
    assert util.valid_audio(np.ones(4, dtype=np.float32))
    for bad in ([1.0], np.ones(3, dtype=int), np.array(1.0), np.array([np.nan])):
        with pytest.raises(ParameterError):
            util.valid_audio(bad)
    assert util.expand_to(x, ndim=4, axes=[1, -1]).shape == (1, 2, 1, 3)
    with pytest.raises(ParameterError):
        util.expand_to(x, ndim=4, axes=[1])
    for d in (np.float32, np.float64, np.int16, np.complex64, np.complex128):
        assert util.dtype_r2c(d) == librosa.util.dtype_r2c(d) and util.dtype_c2r(d) == librosa.util.dtype_c2r(d)
    raw = np.arange(-4, 4, dtype="<i2").tobytes()
    same(util.buf_to_float(raw), librosa.util.buf_to_float(raw))
    same(util.cyclic_gradient(x, axis=0), librosa.util.cyclic_gradient(x, axis=0))
    same(util.stack([x, x]), librosa.util.stack([x, x]))
    order = util.axis_sort(array(np.float32)[0], index=True)
    assert len(order) == 2
