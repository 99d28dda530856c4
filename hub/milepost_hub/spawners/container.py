"""Learners' servers as containers."""

from typing import Any

from dockerspawner import DockerSpawner
from traitlets import Integer, default

HOME = "/home/learner"
SCRATCH = "rw,nosuid,nodev,size=512m,mode=1777"


class ContainerServer(DockerSpawner):  # type: ignore[misc]
    """One learner's server: a container without rights, with a volume for the learner's files."""

    processes = Integer(512, help="Most processes in a container").tag(config=True)

    remove = True
    use_internal_ip = True

    @default("volumes")
    def _volumes(self) -> dict[str, str]:
        return {"milepost-learner-{username}": HOME}

    @default("notebook_dir")
    def _notebook_dir(self) -> str:
        return HOME

    @default("extra_host_config")
    def _extra_host_config(self) -> dict[str, Any]:
        return {
            "cap_drop": ["ALL"],
            "security_opt": ["no-new-privileges"],
            "pids_limit": self.processes,
            "read_only": True,
            "tmpfs": {"/tmp": SCRATCH, "/run": SCRATCH},  # noqa: S108
            "memswap_limit": self.mem_limit,
            "log_config": {"type": "none", "config": {}},
            "init": True,
            "dns": [],
        }
