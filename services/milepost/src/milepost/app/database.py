"""The commands about the database."""

from milepost.app.command import Command
from milepost.app.wiring import storage


class UpgradeCommand(Command):
    """Bring the database to the schema of this version."""

    name = "milepost-upgrade"

    def work(self) -> None:
        """Upgrade, and say so."""
        storage.upgrade(self.settings)
        self.say("The database has the schema of this version.")
