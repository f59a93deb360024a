"""What each service offers, as data, a module a service; each names its tuple `..._OFFERS`."""

import importlib
import pkgutil

from providers.catalog import Offer


def all_offers() -> tuple[Offer, ...]:
    """Of every service there is a module for, in alphabetical order; enabled or not."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__))
    modules = [importlib.import_module(f"{__name__}.{name}") for name in names]
    return tuple(
        offer
        for module in modules
        for name, offers in vars(module).items()
        if name.endswith("_OFFERS")
        for offer in offers
    )
