"""The network, its training, calibration, rejection and export."""
