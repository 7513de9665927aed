"""``python -m mynabox`` is the program ``mynabox``."""

from mynabox.cli import main

main()
