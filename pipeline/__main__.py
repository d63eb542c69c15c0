"""`python -m pipeline` is `antipode`."""

import sys

from pipeline.cli import main

sys.exit(main())
