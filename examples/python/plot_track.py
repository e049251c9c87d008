# %% [markdown]
# # A track, drawn by librosa.display
#
# What heihachi returns has librosa's shapes and types, so `librosa.display` draws it as it is.
#
#     python plot_track.py track.flac track.png
#
# Open it in an editor that knows `# %%` cells to run it piece by piece. Needs librosa and matplotlib.

# %%
import sys

import librosa.display
import matplotlib

matplotlib.use("Agg")  # no window; leave this line out in a notebook
import matplotlib.pyplot as plt
import numpy as np

import heihachi

TRACK = sys.argv[1] if len(sys.argv) > 1 else "assets/demo.ogg"
PICTURE = sys.argv[2] if len(sys.argv) > 2 else "track.png"

# %% The sound, as librosa.load() gives it
y, sr = heihachi.load(TRACK)

# %% The features
chroma = heihachi.feature.chroma_cqt(y=y, sr=sr)
onset = heihachi.onset.onset_strength(y=y, sr=sr)
tempogram = heihachi.feature.tempogram(onset_envelope=onset, sr=sr)
tempo, beats = heihachi.beat.beat_track(onset_envelope=onset, sr=sr)
times = np.arange(len(onset)) * 512 / sr

# %% Chroma, tempogram, onset strength and beats under each other
figure, (top, middle, bottom) = plt.subplots(3, sharex=True, figsize=(12, 9), layout="constrained")
librosa.display.specshow(chroma, sr=sr, x_axis="time", y_axis="chroma", ax=top)
top.set(title="Chroma", xlabel="")
librosa.display.specshow(tempogram, sr=sr, x_axis="time", y_axis="tempo", cmap="magma", ax=middle)
middle.axhline(tempo[0], color="white", linestyle="--", label=f"{tempo[0]:.1f} BPM")
middle.legend(loc="upper right")
middle.set(title="Tempogram", xlabel="")
bottom.plot(times, onset, label="onset strength")
bottom.vlines(times[beats], 0, onset.max(), color="tab:red", linewidth=0.5, label="beats")
bottom.set(title="Onset strength", xlabel="Time [s]", ylim=(0, None))
bottom.legend(loc="upper right")
figure.savefig(PICTURE, dpi=100)
