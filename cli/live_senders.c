/* The table of senders. */
#include "live.h"

const LiveSender live_senders[] = {{NULL}};
const size_t live_sender_count = 0;
