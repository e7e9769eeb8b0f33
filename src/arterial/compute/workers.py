"""Calls shared between processes for the time of one analysis; main class `Workers`.

`run_many` is for work that outlives its process. Here the steps of one analysis share what does not
depend on each other: values come back in the order of the calls, whoever makes them, and this
process works too instead of waiting.
"""

import contextlib
import pickle
import signal
import threading
import traceback
from collections.abc import Callable, Iterable
from importlib import import_module
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from types import TracebackType
from typing import Any, Final, Generic, ParamSpec, Self, TypeVar, cast

from arterial.compute.processes import start_process
from arterial.errors import LimitError

__all__ = ["ALONE", "Call", "Workers"]

P = ParamSpec("P")
A = TypeVar("A")
R = TypeVar("R")

READY: Final = b"ready"


class Call(Generic[R]):
    """A call that was handed over; made by `Workers.start`."""

    def __init__(self, function: Callable[[Any], R], payload: object, owner: "Workers") -> None:
        self._owner = owner
        self.function = function
        self.payload = payload
        self.is_done = False
        self._value: R | None = None
        self._error: Exception | None = None

    def result(self) -> R:
        """What the function gives; waits for it or works it out here.

        Raises
        ------
        Exception
            What the function raised, wherever it ran.
        """
        self._owner.finish(self)
        if self._error is not None:
            raise self._error
        return cast("R", self._value)

    def run_here(self) -> None:
        """Call the function in this process."""
        try:
            self.keep(self.function(self.payload), None)
        except Exception as error:  # noqa: BLE001 raised again where the value is asked for
            self.keep(None, error)

    def keep(self, value: R | None, error: Exception | None) -> None:
        """Keep what came of it."""
        self._value, self._error, self.is_done = value, error, True


class Workers:
    """Processes that share calls, the one it is made in included; for a ``with`` statement.

    The first process is started at once, so that its imports are done when work comes; the others
    when there is work for them. Without others every call is made when its value is asked for.
    A process that only leads waits meanwhile, so that it is free for what cannot be shared; it
    makes a call itself where no other process is left.

    Parameters
    ----------
    count : int
        Processes that work, this one included.
    module : str
        Module that the others import while they wait for their first call.
    only_leads : bool
        Whether this process hands calls out and makes none.

    Raises
    ------
    LimitError
        When nobody would work.

    Examples
    --------
    >>> with Workers() as workers:
    ...     workers.map(abs, [-1, 2, -3])
    [1, 2, 3]
    """

    def __init__(self, count: int = 1, *, module: str = "", only_leads: bool = False) -> None:
        if count < 1:
            message = f"{count} workers do nothing: give 1 or more."
            raise LimitError(message)
        self._only_leads = only_leads and count > 1
        self._most_helpers = count - 1
        self._module = module
        self._helpers: list[_Helper] = []
        self._waiting: dict[int, Call[Any]] = {}
        self._changed = threading.Condition()
        self._is_closed = False

    @property
    def count(self) -> int:
        """Processes that work, this one included."""
        return self._most_helpers + 1

    @property
    def is_alone(self) -> bool:
        """Whether there is no process but this one."""
        return not self._most_helpers

    def __enter__(self) -> Self:
        """Start the first process."""
        self._hire(1)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End all processes at once: what was asked for has been given by now."""
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()
        for helper in self._helpers:
            helper.end()

    def start(self, function: Callable[[A], R], payload: A) -> Call[R]:
        """Hand a call over; it is made beside what follows here.

        Parameters
        ----------
        function : callable
            A function of a module, or a `functools.partial` of one; what it gives may depend on
            its payload alone.
        payload : object
            Its argument; both are picklable. What many calls share is better bound to the
            function, which is sent to each process once.

        Returns
        -------
        Call
            Gives the value.
        """
        call = Call(function, payload, self)
        if self._most_helpers:
            with self._changed:
                self._waiting[id(call)] = call
                self._changed.notify()
            self._hire(len(self._waiting))
        return call

    def map(self, function: Callable[[A], R], payloads: Iterable[A]) -> list[R]:
        """Values of a function in the order of its payloads.

        Parameters
        ----------
        function, payloads
            As in `start`.

        Returns
        -------
        list
            One value a payload.

        Raises
        ------
        Exception
            What the first of the payloads that fails raised.
        """
        return [call.result() for call in [self.start(function, one) for one in payloads]]

    def finish(self, wanted: Call[Any]) -> None:
        """Work here until a call is done."""
        while True:
            with self._changed:
                if wanted.is_done:
                    return
                # Anything that waits is better than waiting: somebody will ask for it.
                call = None if self._is_led else self._take(wanted)
                if call is None and self._most_helpers:
                    self._changed.wait()
                    continue
            (call or wanted).run_here()

    @property
    def _is_led(self) -> bool:
        """Whether others make the calls, and this process only waits for them."""
        return self._only_leads and any(helper.is_there for helper in self._helpers)

    def _take(self, wanted: Call[Any]) -> Call[Any] | None:
        return self._waiting.pop(id(wanted), None) or self._take_first()

    def _take_first(self) -> Call[Any] | None:
        return self._waiting.pop(next(iter(self._waiting))) if self._waiting else None

    def _hire(self, wanted: int) -> None:
        """Start as many helpers as there is work for."""
        # By the thread that asks for values alone: starting changes the environment for a moment.
        for _ in range(len(self._helpers), min(wanted, self._most_helpers)):
            self._helpers.append(_Helper(self._module, self))

    def hand_out(self, helper: "_Helper") -> Call[Any] | None:
        """Give a helper its next call, once there is one; None at the end."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._is_closed)
            helper.call = None if self._is_closed else self._take_first()
            return helper.call

    def take_back(self, helper: "_Helper", *, is_lost: bool) -> None:
        """See that a call is done, or must be made by another."""
        with self._changed:
            call, helper.call = helper.call, None
            helper.is_there = not is_lost
            if is_lost and call is not None:
                self._waiting[id(call)] = call
            self._changed.notify_all()


ALONE: Final = Workers()
"""This process alone; keeps nothing between calls, so that all may share it."""


class _Helper:
    """A process, the pipe to it, and the thread that feeds it."""

    def __init__(self, module: str, owner: Workers) -> None:
        self.call: Call[Any] | None = None
        self.is_there = True
        self._pipe, far = Pipe()
        self._process = start_process(_serve, far, module)
        far.close()
        self._thread = threading.Thread(target=self._feed, args=(owner,), daemon=True)
        self._thread.start()

    def end(self) -> None:
        """End the process and the thread."""
        self._process.kill()
        self._thread.join()
        self._process.join()
        self._pipe.close()

    def _feed(self, owner: Workers) -> None:
        """Send one call after the other; a call that loses its process is made elsewhere."""
        sent: Callable[[Any], Any] | None = None
        try:
            self._pipe.recv_bytes()
            while (call := owner.hand_out(self)) is not None:
                # The function is sent when it changes; what is bound to it may be large.
                new = None if call.function is sent else call.function
                try:
                    packed = pickle.dumps((new, call.payload))
                except Exception as error:  # noqa: BLE001 pickling calls any code
                    call.keep(None, error)
                else:
                    self._pipe.send_bytes(packed)
                    call.keep(*self._pipe.recv())
                    sent = call.function
                owner.take_back(self, is_lost=False)
        except (EOFError, OSError):
            owner.take_back(self, is_lost=True)


def _serve(pipe: Connection, module: str) -> None:
    """Make calls until the pipe is closed or whoever holds its other end is gone."""
    # Ctrl-C reaches the whole group; the parent decides what becomes of calls under way.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if module:
        import_module(module)
    function: Callable[[Any], Any] | None = None
    with contextlib.suppress(EOFError, OSError):
        pipe.send_bytes(READY)
        while True:
            packed = pipe.recv_bytes()
            try:
                new, payload = pickle.loads(packed)  # noqa: S301 from the parent process
                function = new or function
                if function is None:
                    message = "The first call of a process came without its function."
                    raise AssertionError(message)  # noqa: TRY301
                answer = pickle.dumps((function(payload), None))
            except Exception as error:  # noqa: BLE001 handed back to whoever asks for the value
                answer = _pack_error(error)
            pipe.send_bytes(answer)


def _pack_error(error: Exception) -> bytes:
    """An error with its traceback as a note; as text where it cannot be sent."""
    error.add_note("".join(traceback.format_exception(error)))
    try:
        packed = pickle.dumps((None, error))
        pickle.loads(packed)  # noqa: S301 packed here
    except Exception:  # noqa: BLE001 pickling calls any code
        return pickle.dumps((None, RuntimeError(repr(error))))
    return packed
