"""What this machine has beside the parts that set-up installs."""

from shutil import which

OTHER_JUDGES = tuple(
    language
    for language, programs in (("Java", ("javac", "java")), ("Go", ("go",)))
    if all(which(program) for program in programs)
)
"""Languages whose certificate validators this machine has; set-up installs none."""
