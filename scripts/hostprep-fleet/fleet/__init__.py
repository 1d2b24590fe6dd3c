"""The parts of hostprep-fleet. main.py calls the rest; nothing here knows how hostprep judges."""
