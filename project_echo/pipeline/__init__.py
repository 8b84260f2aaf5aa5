"""What the stage scripts share: loading params.yaml, and the command line of a script."""
