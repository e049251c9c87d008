/* The table of commands and options. */
#include "cli.h"

#define LENGTH(array) (sizeof(array) / sizeof *(array))
#define HELP_OPTION                                                                                \
    {                                                                                              \
        "help", 'h', NULL, NULL, "Show this text and leave."                                       \
    }

static const CliOption process_options[] = {
    {"output", 'o', "DIR", "DIR", "Write into this folder; it is made if it is missing. Required."},
    {"profile", 0, "NAME", "fast|default|full",
     "What to compute. fast: loudness, spectral, rhythm. default: everything but pyin. full: "
     "everything. fast leaves out the fingerprint that similar and compare-fingerprints need."},
    {"features", 0, "LIST", "loudness|spectral|mfcc|rhythm|harmony|hpss|pitch|pyin|fingerprint|all",
     "Compute these and not those of --profile, wherever the two are given; separated by commas: "
     "loudness, spectral, mfcc, rhythm, harmony, hpss, pitch, pyin, fingerprint, all. What they "
     "need is computed too."},
    {"format", 0, "LIST", "json|csv|yaml|md",
     "Formats of the result beside result.json, which is always written: csv, yaml, md (and json), "
     "separated by commas. Those of an earlier run that are not named are removed."},
    {"plots", 0, NULL, NULL,
     "Also draw plots/NAME.png and plots/NAME.svg: waveform, spectrogram, mel, chromagram, onset "
     "strength with beats, tempogram, harmonic and percussive parts, fingerprint. A run without "
     "this option removes the plots of an earlier one."},
    {"config", 0, "FILE", "FILE",
     "Read options from a YAML file; those of the command line win. See CONFIGURATION."},
    {"threads", 0, "N", NULL,
     "Use N threads, 0 (default) for one per processor: each for a file of its own when there are "
     "several, all for one otherwise. Results do not depend on it."},
    {"cache-dir", 0, "DIR", "DIR",
     "Keep analyses in this folder, and take from it what was analysed before: the same bytes with "
     "the same parameters by the same version, under any name. Damaged entries are found and made "
     "anew."},
    {"skip-existing", 0, NULL, NULL,
     "Leave alone every input that has a result, whatever made it."},
    {"resume", 0, NULL, NULL,
     "Leave alone every input whose result is whole, was made from the same bytes by the same "
     "version, and has all that is asked for; do the others. Continues a batch that was "
     "interrupted."},
    {"verbose", 'v', NULL, NULL,
     "Say more: what is done and left alone; twice for details, as the time of each stage."},
    {"quiet", 'q', NULL, NULL, "Say nothing but errors."},
    {"log-file", 0, "FILE", "FILE",
     "Append everything that -vv would say to this file, with the time of day."},
    HELP_OPTION,
};

static const CliOption features_options[] = {
    {"feature", 0, "NAME[:KEY=VALUE,...]", NULL,
     "A function by its name in librosa, with parameters: feature.mfcc:n_mfcc=13. May be given "
     "several times."},
    {"sr", 0, "HZ", "native",
     "Resample to this rate first; native keeps the rate of the file. Default 22050."},
    {"channels", 0, NULL, NULL, "Keep the channels; without it they are mixed to mono."},
    {"output", 'o', "FILE", "FILE", "Write the arrays to this NPZ file. Required."},
    {"threads", 0, "N", NULL, "Use N threads, 0 for one per processor. Default 1."},
    {"list", 0, NULL, NULL,
     "Print every function with its parameters and their defaults, and leave."},
    HELP_OPTION,
};

static const CliOption compare_options[] = {
    {"json", 0, NULL, NULL, "Print one JSON object instead of a table."},
    {"threads", 0, "N", NULL,
     "Use N threads for analysing audio, 0 (default) for one per processor."},
    HELP_OPTION,
};

static const CliOption similar_options[] = {
    {"count", 'n', "N", NULL, "Show the N nearest tracks. Default 10, 0 for all."},
    {"json", 0, NULL, NULL, "Print one JSON array instead of a table."},
    {"threads", 0, "N", NULL,
     "Use N threads for analysing audio, 0 (default) for one per processor."},
    HELP_OPTION,
};

static const CliOption live_options[] = {
    {"device", 0, "NAME", NULL,
     "Listen to this sound device, as --list-devices prints it: jack or jack:PORTS, the sources "
     "whose names begin so; jack:- to be connected by others; a name of PortAudio or a part of it. "
     "Default JACK if it runs, else the default of PortAudio."},
    {"list-devices", 0, NULL, NULL, "Print the sound devices that can be listened to, and leave."},
    {"file", 0, "FILE", "FILE",
     "Listen to a sound file, in real time, or with --fast as fast as it goes."},
    {"fast", 0, NULL, NULL,
     "Do not wait: a file, standard input or a session at full speed, on a clock that counts its "
     "samples."},
    {"rate", 0, "HZ", NULL, "Rate of raw samples, or that a device is asked for, 8000 to 96000."},
    {"format", 0, "NAME", "f32|s16",
     "Format of raw samples, in the byte order of this machine: f32 (default) or s16."},
    {"channels", 0, "N", NULL,
     "Channels of raw samples, interleaved, default 1; or that a device is asked for."},
    {"mix", 0, "LIST", NULL,
     "Channels that are mixed to the one that is listened to, from 1, separated by commas. Default "
     "all; of a device of PortAudio, the first two."},
    {"json", 0, NULL, NULL, "Print lines of JSON also to a terminal."},
    {"quiet", 'q', NULL, NULL, "Print nothing; for --send, --record and --http."},
    {"latency", 0, "MS", NULL,
     "Tell beats so many milliseconds before they sound, -200 to 400: the time that lamps and "
     "wires take. Default 0."},
    {"bpm", 0, "LOW-HIGH", NULL, "Range of tempi, within 30-300. Default 60-200."},
    {"silence", 0, "DB", NULL, "RMS level below which there is silence. Default -60."},
    {"levels", 0, "N", NULL, "Lines of level a second, 0 for none. Default 10."},
    {"notes", 0, "N", NULL, "Notes of the bank, a semitone apart, 1 to 96. Default 64."},
    {"bottom", 0, "HZ", NULL, "Lowest note. Default 110, A2."},
    {"bank", 0, "NAME", "octaves|goertzel|lanes|sliding",
     "How notes are computed: octaves (default), goertzel, lanes or sliding. The others are there "
     "to be compared with the first."},
    {"stagger", 0, "N", NULL,
     "Work on N bins of tempo a tick, as a slow chip would; 0 (default) for all of them."},
    {"send", 0, "URL", NULL,
     "Send events to a program or device; may be given several times: see SENDERS."},
    {"record", 0, "SESSION", "FILE",
     "Write every event and, 50 times a second, all that is known to this file, as lines of JSON. "
     "It has its name when it is whole."},
    {"replay", 0, "SESSION", "FILE",
     "Take events from such a file and not from sound: to the lines and to every sender, at the "
     "times at which they were told."},
    {"http", 0, "PORT", NULL,
     "Answer on this port of 127.0.0.1: /api/status, what is heard now; /api/performance, what it "
     "costs. 0 takes a free port and tells which."},
    HELP_OPTION,
};

static const CliOption perf_options[] = {
    {"threshold", 0, "PERCENT", NULL,
     "By how much a metric may be worse before that counts. Default 5."},
    {"only", 0, "TEXT", NULL,
     "Compare metrics whose names contain this; may be given several times."},
    {"higher", 0, "TEXT", NULL,
     "For metrics whose names contain this more is better; may be given several times."},
    {"lower", 0, "TEXT", NULL, "As --higher, for metrics of which less is better."},
    {"all", 0, NULL, NULL, "Print also what is the same in both files."},
    {"json", 0, NULL, NULL, "Print one JSON object instead of a table."},
    HELP_OPTION,
};

static const CliOption info_options[] = {
    {"json", 0, NULL, NULL, "Print one JSON object per file, one per line."},
    HELP_OPTION,
};

static const CliOption version_options[] = {HELP_OPTION};

static const CliOption help_options[] = {
    {"table", 0, NULL, NULL,
     "Print every option of every command, one per line, its parts separated by tabs."},
    HELP_OPTION,
};

#define OPTIONS(table) table, LENGTH(table)

const CliCommand cli_commands[] = {
    {"process", "[OPTION...] INPUT... --output DIR",
     "analyse tracks and write results, arrays and a page for each",
     "Analyses each INPUT, a sound file or a folder that is searched for sound files with all its "
     "folders, and writes for each a folder DIR/STEM, STEM being the name of the file without its "
     "ending:\n\n"
     "  result.json    tempo, beats, onsets, key, loudness, fingerprint, ...\n"
     "  features.npz   the values of each frame as NumPy arrays\n"
     "  report.html    a page with figures and plots that plays the track\n"
     "  plots/         with --plots\n\n"
     "For several inputs it also writes DIR/summary.csv and DIR/index.html, with every track of "
     "this run that has a result. Inputs of one stem get STEM, STEM-2, STEM-3 in the order of "
     "their paths; a "
     "folder that belongs to another input, or that this program did not make, is never "
     "touched.\n\n"
     "The command's name may be left out: heihachi track.flac -o out\n\n"
     "Each folder appears under its name when it is whole. A file that cannot be decoded is "
     "reported and the batch goes on. Ctrl-C leaves what is finished; --resume continues.\n\n"
     "WAV, AIFF, FLAC, Ogg, Opus and MP3 are read directly, other formats by the ffmpeg program if "
     "it is installed.",
     OPTIONS(process_options), command_process},
    {"features", "[OPTION...] INPUT --feature NAME... -o FILE.npz",
     "write the raw arrays of functions named as in librosa",
     "Computes each feature from the sound file INPUT and writes the arrays, with the axes that "
     "librosa gives them, to one NPZ file. Functions with several results give NAME.PART for each; "
     "a function that is given again has NAME#2, NAME#3 in place of NAME.\n\n"
     "Values are written without spaces and commas: numbers, also inf; true, false and none, or "
     "True, False and None; names; AxB for a pair, as kernel_size=31x13; AxBxC for a list, as "
     "channels=0x32x128; kaiserxBETA and gaussianxSIGMA for windows with a parameter. Those of "
     "each function are shown by --list.\n\n"
     "  heihachi features track.wav --feature stft --feature feature.mfcc:n_mfcc=13 -o a.npz",
     OPTIONS(features_options), command_features},
    {"compare-fingerprints", "[OPTION...] A B", "tell how far two tracks are apart, and why",
     "Compares two fingerprints and prints their distance, their similarity and what each of the "
     "25 values adds. A and B are sound files or result.json files; a folder with a result.json "
     "stands for it. A result needs a fingerprint: the profile fast leaves it out.",
     OPTIONS(compare_options), command_compare},
    {"similar", "[OPTION...] TRACK DIR", "list the tracks of a folder that are nearest to one",
     "Compares TRACK, a sound file, a result.json or a folder with one, with every result.json "
     "below DIR, and prints the nearest first. `heihachi process` makes such a DIR; its results "
     "need a fingerprint, which the profile fast leaves out and --features fingerprint adds. The "
     "result of TRACK itself is not shown.",
     OPTIONS(similar_options), command_similar},
    {"live",
     "[OPTION...] [--device NAME]\n    heihachi live [OPTION...] --file FILE\n    heihachi live "
     "[OPTION...] --rate HZ -\n    heihachi live [OPTION...] --replay SESSION",
     "tell beats, tempo, level and onsets while the music plays",
     "Listens to a sound device, to a file, or with - to raw samples on standard input, and tells "
     "what it hears as it hears it. On a terminal it shows tempo, a lamp for the beat, level and "
     "notes; space or t taps a beat, + and - (or the arrows) double and halve the tempo, [ and ] "
     "move the beats by 5 ms, < and > the latency, q leaves. Elsewhere, and with --json, it prints "
     "one JSON object a line:\n\n"
     "  {\"t\":12.41,\"type\":\"beat\",\"bpm\":174.0,\"confidence\":0.93,\"downbeat\":true, "
     "...}\n\n"
     "\"t\" is the time of the sound in seconds from its start, of a beat perhaps in the future; "
     "\"told\" is how much had been heard when it was told. Types are beat, onset, tempo, level, "
     "silence, and xrun for gaps in the sound of a device.\n\n"
     "  heihachi live --send osc://127.0.0.1:9000 --http 8080",
     OPTIONS(live_options), command_live},
    {"perf", "compare [OPTION...] BASELINE.json NEW.json",
     "tell which figures of two runs got better or worse",
     "Compares the numbers of two JSON files, by their names: answers of /api/performance, results "
     "of the benchmarks or of the firmware, or any tree of numbers. Objects of a list are known by "
     "their \"name\". Prints the change of each in per cent and a verdict: better, worse, same, or "
     "info for numbers of which neither more nor less is better, as a count or a rate. Less is "
     "better of times, bytes, instructions, cycles, shares, xruns and losses; more of speeds, of "
     "what is free, and of what is true.\n\n"
     "Exit status 1 if a metric is worse by more than --threshold, or has gone, or if --only "
     "leaves none.",
     OPTIONS(perf_options), command_perf},
    {"info", "[OPTION...] FILE...", "tell what a sound file holds, without analysing it",
     "Prints format, rate, channels, length, size and hash of each sound file.",
     OPTIONS(info_options), command_info},
    {"version", "", "print the version of the program and what it runs on",
     "Prints the version of the program, of the analysis and of the fingerprint, and the kind of "
     "processor that it uses. heihachi --version does the same.",
     OPTIONS(version_options), command_version},
    {"help", "[COMMAND]", "show help for a command",
     "Shows the help of COMMAND, or the list of commands.", OPTIONS(help_options), command_help},
};

const size_t cli_command_count = LENGTH(cli_commands);
