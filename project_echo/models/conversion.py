"""Conversion of a backbone that was trained, which is not in integers, to LiteRT's format in float32."""

from collections.abc import Sequence

from project_echo.core.quiet import silenced_stderr
from project_echo.models.backend import keras, tf
from project_echo.models.networks import MOBILENET, tap

from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2  # isort: skip


def convert(model: keras.Model, blocks: Sequence[int | str]) -> bytes:
    """Convert the backbone of a model to a LiteRT file like that of `mobilenet_v2.build`, but of floats.

    Parameters
    ----------
    model : keras.Model
        With a backbone of `networks.backbone`.
    blocks : sequence of int or "last"
        The outputs.

    Returns
    -------
    bytes
        From images of shape (1, n_mels, frames, 3), float32, -1 to 1.
    """
    mobilenet = model.get_layer(MOBILENET)
    # By name, as LiteRT orders outputs by theirs.
    outputs = {f"tap_{number:02}": tap(mobilenet, block) for number, block in enumerate(blocks)}
    taps = keras.Model(mobilenet.input, outputs)
    # The graph is frozen here: TFLiteConverter.from_keras_model gives the same by way of a SavedModel on disk, in four
    # times the time.
    function = tf.function(lambda images: taps(images, training=False))
    graph = function.get_concrete_function(tf.TensorSpec((1, *mobilenet.input_shape[1:]), tf.float32, "spectrogram"))
    with silenced_stderr():
        converter = tf.lite.TFLiteConverter.from_concrete_functions([convert_variables_to_constants_v2(graph)])
        converted: bytes = converter.convert()
    return converted
