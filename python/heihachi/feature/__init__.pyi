from ._harmony import *
from ._rhythm import *
from ._spectral import *
from ._tools import *
