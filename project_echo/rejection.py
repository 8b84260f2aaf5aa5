"""What is none of the animals."""

NONE = "none"  # the label of background
