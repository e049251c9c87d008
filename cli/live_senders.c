/* The senders, in the order in which --help lists them. */
#include "live_senders.h"

const LiveSender live_senders[] = {
    {"osc", "osc://HOST[:PORT][/PREFIX]",
     "Open Sound Control by UDP: beats, onsets and all values, when they are due", false,
     live_osc_open, live_osc_event, live_osc_snapshot, NULL, live_osc_count, live_osc_close},
    {"osc-early", "osc-early://HOST[:PORT][/PREFIX]",
     "the same as soon as it is known, for receivers that heed the time of a bundle", true,
     live_osc_open, live_osc_event, live_osc_snapshot, NULL, live_osc_count, live_osc_close},
    {"midi", "midi:jack[:PORT], midi:alsa[:PORT]",
     "MIDI clock with start, stop and song position, by JACK or the ALSA sequencer", true,
     live_midi_open, live_midi_event, NULL, live_midi_time, live_midi_count, live_midi_close},
    {"wled", "wled://[HOST[:PORT]]", "audio sync for WLED lamps, to all of them or to one", false,
     live_wled_open, live_wled_event, live_wled_snapshot, NULL, live_wled_count, live_wled_close},
    {"os2l", "os2l://HOST[:PORT]", "beats for lighting programs that listen to OS2L", false,
     live_os2l_open, live_os2l_event, live_os2l_snapshot, NULL, live_os2l_count, live_os2l_close},
    {"artnet", "artnet://HOST[:PORT]/UNIVERSE[/CHANNEL]", "all values as DMX channels by Art-Net",
     false, live_artnet_open, live_dmx_event, live_dmx_snapshot, live_artnet_time,
     live_artnet_count, live_artnet_close},
    {"sacn", "sacn://[HOST[:PORT]/]UNIVERSE[/CHANNEL]", "the same by sACN (E1.31)", false,
     live_sacn_open, live_dmx_event, live_dmx_snapshot, live_sacn_time, live_sacn_count,
     live_sacn_close},
};

const size_t live_sender_count = sizeof live_senders / sizeof *live_senders;
