"""Calls for the tests of workers, in a module that other processes can import."""

import os
import time

import numpy as np

from arterial.errors import Fault, StudyError


def name_process(_payload: object) -> int:
    time.sleep(0.02)
    return os.getpid()


def square(number: int) -> int:
    return number * number


def scale(factors: np.ndarray, number: float) -> float:
    return float((factors * number).sum())


def refuse(number: int) -> int:
    if number % 2:
        message = f"{number} is odd."
        raise StudyError(message, [Fault("Odd.", "Double it.", "numbers.csv", 3)])
    return number


def die_elsewhere(parent: int) -> str:
    if os.getpid() != parent:
        os._exit(3)
    time.sleep(0.05)
    return "done"
