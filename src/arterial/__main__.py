"""``python -m arterial`` is the command ``arterial``."""

from arterial.cli.main import main

if __name__ == "__main__":
    main()
