"""Project Echo names animals from sound: the library behind the pipeline's stages."""
