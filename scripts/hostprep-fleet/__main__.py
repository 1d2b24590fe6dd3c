"""hostprep-fleet: runs hostprep on many hosts, by ClusterShell, and makes one document of their reports."""
import sys

try:
    import ClusterShell  # noqa: F401 pylint: disable=unused-import
except ImportError:
    sys.exit("hostprep-fleet: ClusterShell is missing: install Debian's python3-clustershell")

from fleet.main import main

sys.exit(main(sys.argv[1:]))
