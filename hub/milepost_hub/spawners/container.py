"""Learners' servers as containers."""

from typing import Any

from dockerspawner import DockerSpawner
from kernel_sandbox.seccomp import docker_profile
from traitlets import Integer, Unicode, default

HOME = "/home/learner"
SCRATCH = "rw,nosuid,nodev,size=512m,mode=1777"
LOG_SIZE = {"max-size": "1m", "max-file": "1"}


class ContainerServer(DockerSpawner):  # type: ignore[misc]
    """One learner's server: a container without rights, with a volume for the learner's files."""

    processes = Integer(512, help="Most processes in a container").tag(config=True)
    deployment = Unicode(help="Name of the platform that containers belong to").tag(config=True)

    @default("remove")
    def _remove(self) -> bool:
        return True

    @default("use_internal_ip")
    def _use_internal_ip(self) -> bool:
        return True

    @default("network_name")
    def _network_name(self) -> str:
        return str(self.deployment)

    @default("prefix")
    def _prefix(self) -> str:
        return str(self.deployment)

    @default("pull_policy")
    def _pull_policy(self) -> str:
        return "skip"

    @default("volumes")
    def _volumes(self) -> dict[str, str]:
        return {f"{self.deployment}-{{username}}": HOME}

    @default("notebook_dir")
    def _notebook_dir(self) -> str:
        return HOME

    @default("extra_create_kwargs")
    def _extra_create_kwargs(self) -> dict[str, Any]:
        return {"labels": {"milepost.deployment": self.deployment}, "hostname": "milepost"}

    @default("extra_host_config")
    def _extra_host_config(self) -> dict[str, Any]:
        return {
            "cap_drop": ["ALL"],
            "security_opt": ["no-new-privileges", f"seccomp={docker_profile()}"],
            "pids_limit": self.processes,
            # Without swap, memory is all that the limit is about.
            "memswap_limit": self.mem_limit,
            # Docker 20.10 answers names even on networks without a way out: ask nobody.
            "dns": ["127.0.0.1"],
            "read_only": True,
            "tmpfs": {"/tmp": SCRATCH},  # noqa: S108
            "log_config": {"type": "json-file", "config": LOG_SIZE},
            "init": True,
        }
