"""``python -m tsforecast`` is the command ``tsforecast``."""

import sys

if __name__ == "__main__":
    try:
        from tsforecast.cli import main
    except KeyboardInterrupt:  # before there is anything that reports it
        sys.exit(130)
    sys.exit(main())
