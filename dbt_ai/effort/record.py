"""What is remembered of a proxy, so that a later run can use it for new rows: kept in the store as the answer to a call of its own."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from dbt_ai.call import Call, Effort
from dbt_ai.effort.proxy import Classifier, classifier_of
from dbt_ai.effort.sampling import Trial
from dbt_ai.known_answers import KnownAnswers

_VERSION = 1
# Proxies of one policy, one after the other: each is fitted when the one before no longer holds.
_MOST = 100
_DIGITS = 6


@dataclass(frozen=True, slots=True)
class Record:
    """classifier: None for a smaller model, which needs none. trial: what the proxy did on the rows it was fitted or tried on.
    threshold: it answers what it is more confident of. weights: of the local model whose vectors it reads.
    dropped: new rows have shown that it no longer holds.
    """

    classifier: Classifier | None
    trial: Trial
    threshold: float
    weights: str
    dropped: bool = False

    @staticmethod
    def input(number: int) -> str:
        """Under which input the record of this number is kept."""
        return str(number)

    @staticmethod
    def inputs() -> list[str]:
        """Every input under which there may be a record, in their order."""
        return [Record.input(number) for number in range(_MOST)]

    def to_text(self) -> str:
        """As it is stored."""
        return json.dumps(
            {
                "version": _VERSION,
                "classifier": self.classifier and self.classifier.to_json(),
                "confidences": [round(float(confidence), _DIGITS) for confidence in self.trial.confidences],
                "errors": self.trial.errors.tolist(),
                "threshold": self.threshold,
                "weights": self.weights,
                "dropped": self.dropped,
            }
        )


def record_call(call: Call) -> Call:
    """The call that records of the proxy of this call are answers to."""
    return replace(call, function="effort", return_type=None, response_format=None, schema=None)


def in_use(records: Sequence[Record], effort: Effort, weights: str) -> Record | None:
    """The record whose proxy may answer new rows; None where one has to be fitted or tried. weights: of the proxy, as they are now."""
    last = records[-1] if records else None
    if last is None or last.dropped or last.weights != weights or (last.classifier is not None) != effort.proxy.embeds:
        return None
    return last


def read_records(found: KnownAnswers) -> list[Record]:
    """The records that are stored, oldest first. What cannot be read was written by another version, and ends the list as dropped."""
    records = []
    for text in Record.inputs():
        if text not in found.slots:
            break
        records.append(_read(str(found.texts[found.slots[text]])))
    return records


def _read(text: str) -> Record:
    try:
        document = json.loads(text)
        if document["version"] != _VERSION:
            raise ValueError("of another version")
        trial = Trial(np.array(document["confidences"], dtype=np.float64), np.array(document["errors"], dtype=np.int64))
        if trial.confidences.ndim != 1 or trial.confidences.shape != trial.errors.shape:
            raise ValueError("of different lengths")
        threshold = float(document["threshold"])
        if not np.isfinite(trial.confidences).all() or math.isnan(threshold):
            raise ValueError("not a number")
        classifier = document["classifier"] and classifier_of(document["classifier"])
        return Record(classifier, trial, threshold, str(document["weights"]), bool(document["dropped"]))
    except (ValueError, LookupError, TypeError, AttributeError, OverflowError, RecursionError):
        return Record(None, Trial(np.zeros(0), np.zeros(0, dtype=np.int64)), 1.0, "", dropped=True)
