from . import beat as beat
from . import decompose as decompose
from . import effects as effects
from . import exceptions as exceptions
from . import feature as feature
from . import filters as filters
from . import onset as onset
from . import util as util
from ._audio import *
from ._constantq import *
from ._convert import *
from ._core import cpu_level as cpu_level
from ._core import get_num_threads as get_num_threads
from ._core import set_num_threads as set_num_threads
from ._core import version as __version__
from ._engine import *
from ._patch import patch_librosa as patch_librosa
from ._patch import unpatch as unpatch
from ._patch import unpatch_librosa as unpatch_librosa
from ._pitch import *
from ._spectrum import *
from .exceptions import LibrosaError as LibrosaError
from .exceptions import ParameterError as ParameterError
