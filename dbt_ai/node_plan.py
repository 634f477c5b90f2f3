"""The plan of one node in a thread of its own, which the node waits for."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

from dbt_ai.admission import Estimated
from dbt_ai.errors import MEMORY_USED_UP, DbtAiError
from dbt_ai.estimate import Estimate
from dbt_ai.execution.node_execution import LAST_CALL
from dbt_ai.node_answers import NodeAnswers
from dbt_ai.outside_text import shown
from dbt_ai.plan import PassFailed, Plan
from dbt_ai.spared_objects import SPARED

# A node asks how its plan is doing once a second. One that has not asked for so many looks of ours, a second apart, is gone: nobody
# waits any more. Looks, not seconds: a machine that was suspended, or that is busy, keeps the node from asking and us from looking.
ABANDONED_AFTER = 30
LOOK_EVERY = 1.0
# A plan that is interrupted ends within this time: what is in flight comes back, and is stored.
ENDING_SECONDS = LAST_CALL + 3.0


@dataclass(frozen=True, slots=True)
class PlanStatus:
    """What a node hears when it asks.

    state: running, done, on demand (its SQL cannot be planned), refused (its SQL cannot run at all), estimated (nothing may be built),
        or failed.
    message: what was asked for the node, or why not. expected: what it would ask. refusal: why a budget would refuse that.
    """

    state: str
    message: str = ""
    expected: Estimate | None = None
    refusal: str = ""


class NodePlan:
    """A plan running in a thread of its own, so that whoever waits for it stays free to be interrupted."""

    def __init__(self, plan: Plan, owner: str, answers: NodeAnswers, interrupt: Callable[[], None]) -> None:
        self.plan = plan
        self.owner = owner
        self._answers = answers
        self._interrupt = interrupt
        self._status = PlanStatus("running")
        self._finished = threading.Event()
        self._looks_since_asked = 0

    def start(self) -> None:
        """Run the plan in a thread of its own, and watch whether somebody still waits for it."""
        threading.Thread(target=self._run, name=f"dbt_ai plan {self.plan.node}", daemon=True).start()
        threading.Thread(target=self._watch, name=f"dbt_ai watch {self.plan.node}", daemon=True).start()

    def wait(self, seconds: float) -> PlanStatus:
        """How the plan is doing, after so many seconds at most."""
        self._looks_since_asked = 0
        self._finished.wait(seconds)
        if self.plan.cancelled.is_set():  # dbt closes the database when its nodes have ended
            self._finished.wait(ENDING_SECONDS)
        self._looks_since_asked = 0
        return self._status

    def interrupt(self) -> None:
        """Nobody wants its answers any more."""
        self.plan.cancelled.set()
        self._interrupt()

    def _run(self) -> None:
        estimates = self._answers.mode.estimates
        try:
            with SPARED, self._answers.asking():
                self.plan.run()
            if estimates:
                raise Estimated(Estimate())
            self._status = PlanStatus("done", self._answers.told())
        except Estimated as ended:
            self._status = PlanStatus("estimated", str(ended), ended.expected, ended.refusal)
        except PassFailed as error:
            if error.hint:
                self._answers.say(error.hint)
            self._status = PlanStatus("estimated" if estimates else "refused" if error.refused else "on demand", str(error))
        except DbtAiError as error:
            self._status = PlanStatus("failed", str(error))
        except MemoryError:
            self._status = PlanStatus("failed", f"{self.plan.node}: {MEMORY_USED_UP}; give it more, or fewer threads, and run it again")
        except BaseException as error:
            self._status = PlanStatus("failed", shown(f"{self.plan.node}: planning broke: {type(error).__name__}: {error}"))
            raise
        finally:
            self._finished.set()

    def _watch(self) -> None:
        while not self._finished.wait(LOOK_EVERY):
            self._looks_since_asked += 1
            self._answers.tell_progress()
            if self._looks_since_asked > ABANDONED_AFTER:
                self.interrupt()
                return
