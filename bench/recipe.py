"""The fingerprint the way its founders computed it: one librosa call per value, every call with
a spectrum of its own."""
import numpy as np


def fingerprint(path):
    import librosa
    import soundfile
    channels, rate = soundfile.read(path, dtype="float32", always_2d=True)
    y = channels.mean(axis=1)
    spectrum = np.abs(np.fft.rfft(y)) ** 2
    edges = np.searchsorted(np.fft.rfftfreq(len(y), 1 / rate),
                            (20, 60, 250, 500, 2000, 4000, 6000, 20000))
    bands = [spectrum[a:b].sum() / spectrum.sum() for a, b in zip(edges, edges[1:])]
    rms = np.sqrt(np.mean(y ** 2))
    strength = librosa.onset.onset_strength(y=y, sr=rate)
    tempo = librosa.feature.tempo(onset_envelope=strength, sr=rate)
    _, beats = librosa.beat.beat_track(onset_envelope=strength, sr=rate, units="time")
    onsets = librosa.onset.onset_detect(y=y, sr=rate)
    level = librosa.feature.rms(y=y)
    timbre = [np.median(f) for f in (librosa.feature.spectral_centroid(y=y, sr=rate),
                                     librosa.feature.spectral_rolloff(y=y, sr=rate),
                                     librosa.feature.spectral_flatness(y=y))]
    harmonic, percussive = librosa.effects.hpss(y)
    f0 = librosa.yin(y, fmin=librosa.note_to_hz("C2"), fmax=librosa.note_to_hz("C7"), sr=rate)
    chroma = librosa.feature.chroma_cqt(y=y, sr=rate).mean()
    frames = librosa.util.frame(y, frame_length=rate // 2, hop_length=rate // 4)
    mean = np.sqrt((frames ** 2).mean(axis=0))
    crest = 20 * np.log10(np.abs(frames).max(axis=0) / (mean + 1e-10))
    steps = librosa.feature.rms(y=y, frame_length=2048, hop_length=rate // 4)
    loudness = librosa.amplitude_to_db(steps, ref=np.max)
    left, right = channels[:, 0], channels[:, -1]
    parts = [np.sqrt(np.mean(part ** 2)) for part in (harmonic, percussive)]
    return [*bands, rms, np.abs(y).max(), tempo[0], len(beats), len(onsets), level.max(), *timbre,
            *parts, f0.std() / f0.mean(), chroma, crest.std(), loudness.std(),
            np.corrcoef(left, right)[0, 1]]
