"""dbt's commands in processes forked from one that has imported dbt: the import is half of a short command.

All else is as `ipcredit.build` has it: a process for each command, with its environment, folder and output.
"""

import multiprocessing
import os
from collections.abc import Callable
from multiprocessing.reduction import DupFd
from typing import Any

from ipcredit import dbt
from ipcredit.settings import PROJECT_ROOT

Execute = Callable[[list[str], dict[str, str]], int]


def forking(execute: Execute) -> Execute:
    """What takes the place of `build._execute` in this process; in forks of it, which tests kill, `execute` stays."""
    processes, owner = multiprocessing.get_context("forkserver"), os.getpid()
    processes.set_forkserver_preload(["dbt.cli.main", "dbt.adapters.postgres"])

    def forked(command: list[str], environment: dict[str, str]) -> int:
        if os.getpid() != owner:
            return execute(command, environment)
        program = command.index("ipcredit.dbt")
        process = processes.Process(target=_dbt, args=(command[program + 1 :], environment, _Ours(1), _Ours(2)))
        process.start()
        process.join()
        return process.exitcode or 0

    return forked


class _Ours:
    """A file descriptor of this process, handed to the other."""

    def __init__(self, number: int) -> None:
        self.number = number

    def __reduce__(self) -> Any:
        return _received, (DupFd(self.number),)


def _received(handed: Any) -> int:
    return handed.detach()


def _dbt(arguments: list[str], environment: dict[str, str], *output: int) -> None:
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(PROJECT_ROOT)
    for number, given in enumerate(output, start=1):
        os.dup2(given, number)
    dbt.main(arguments)
