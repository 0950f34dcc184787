"""The parts of a report, in the order in which they answer: each gives the blocks of one section."""
