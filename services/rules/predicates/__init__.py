"""What single rules need and the kinds cannot say: named, versioned, reviewed. Importing this package registers all."""

import importlib
import pkgutil

for _module in pkgutil.iter_modules(__path__, f"{__name__}."):
    importlib.import_module(_module.name)
