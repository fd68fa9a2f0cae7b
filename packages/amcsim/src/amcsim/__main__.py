"""`python -m amcsim` is the command `amcsim`."""

import sys

from amcsim.cli import main

sys.exit(main())
