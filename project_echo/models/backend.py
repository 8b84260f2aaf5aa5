"""TensorFlow and Keras with quiet and deterministic settings, which must come before the first import."""

import os

from project_echo.core.quiet import silenced_stderr

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ["KERAS_BACKEND"] = "tensorflow"

with silenced_stderr():  # what TensorFlow prints before its own logging starts cannot be configured
    import keras
    import tensorflow as tf

keras.config.disable_interactive_logging()
keras.config.set_floatx("float32")  # whatever ~/.keras/keras.json says
keras.config.set_image_data_format("channels_last")

__all__ = ["keras", "repeatable", "tf"]


def repeatable(seed: int) -> None:
    """Seed Python, NumPy and TensorFlow, and let every operation give the same bits on every run."""
    keras.utils.set_random_seed(seed)
    tf.config.experimental.enable_op_determinism()
