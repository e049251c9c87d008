"""For all tests: a run that was started in the background has SIGINT ignored, which the programs under test would
inherit, and Ctrl-C is one of the things that are tested."""

import signal

signal.signal(signal.SIGINT, signal.default_int_handler)
