"""What every other package builds on: errors, files, validation, seeds, parallel work, labels."""
