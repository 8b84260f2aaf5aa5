"""Train a sound classifier from few recordings, and find animals in long ones.

Names are loaded when they are first used, as `__init__.pyi` lists them, so that importing the package is quick.
"""

import lazy_loader

__version__ = "0.2.0"
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
