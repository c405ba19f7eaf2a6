"""A classroom laboratory for facial expression recognition in Keras.

The package is imported by floor, and imports only go down: ``plotting``, ``training``, ``evaluation``,
``models``, ``pipelines``, ``faces``, ``datasets``, ``synthetic``, and on the ground ``labels``,
``paths`` and ``kernel``. Importing ``fer`` itself loads none of them.
"""

__version__ = "0.1.0"
