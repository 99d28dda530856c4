from milepost_hub.profiles import configure
from milepost_hub.settings import Settings

configure(c, Settings.from_env())  # type: ignore[name-defined]
