"""A local Amazon Marketing Cloud: the reporting API over synthetic data."""

from amcsim.config import SimulatorConfig

__version__ = "0.1.0"

__all__ = ["SimulatorConfig", "__version__"]
