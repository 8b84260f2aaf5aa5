"""Networks of other people as the backbone: LiteRT and ONNX files, each described by a card."""
