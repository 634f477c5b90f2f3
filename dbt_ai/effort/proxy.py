"""Proxies: what answers easy rows in the place of a large model, each answer with a confidence."""

from __future__ import annotations

import base64
import importlib.util
import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dbt_ai.errors import ConfigurationError

# How strongly the classifier is held back from fitting its sample, the least first; cross-validation chooses.
_STRENGTHS = (1.0, 10.0, 100.0)
_FOLDS = 5
_STEPS = 200
_LEAST_SHARE = 1e-6


@dataclass(frozen=True, slots=True)
class Guess:
    """answers[i], with confidences[i] between 0 and 1, for the i-th row."""

    answers: Sequence[str]
    confidences: NDArray[np.float64]

    def take(self, positions: Sequence[int]) -> Guess:
        """Those of some rows, in this order."""
        return Guess([self.answers[position] for position in positions], self.confidences[list(positions)])

    def right(self, answers: Sequence[str]) -> list[bool]:
        """Whether each is this answer."""
        return [guessed == answer for guessed, answer in zip(self.answers, answers, strict=True)]


@dataclass(frozen=True, slots=True)
class Classifier:
    """Logistic regression on vectors: as many rows of weights as answers, the intercept last in each."""

    answers: Sequence[str]
    weights: NDArray[np.float32]

    @property
    def dimensions(self) -> int:
        """Length of the vectors that it reads."""
        return int(self.weights.shape[1]) - 1

    def guess(self, vectors: NDArray[np.float32]) -> Guess:
        """The likeliest answer for each vector."""
        scores = _scaled(vectors) @ self.weights[:, :-1].T + self.weights[:, -1]
        scores -= scores.max(axis=1, keepdims=True)
        shares = np.exp(scores, dtype=np.float64)
        shares /= shares.sum(axis=1, keepdims=True)
        best = shares.argmax(axis=1)
        return Guess([self.answers[index] for index in best], shares[np.arange(len(best)), best])

    def to_json(self) -> dict[str, Any]:
        """As it is stored: `classifier_of` reads it."""
        return {
            "answers": list(self.answers),
            "dimensions": self.dimensions,
            "weights": base64.b64encode(np.ascontiguousarray(self.weights, dtype="<f4").tobytes()).decode(),
        }


def classifier_of(document: Any) -> Classifier:
    """Read what `Classifier.to_json` wrote. Raises ValueError for anything else."""
    answers, dimensions = document["answers"], document["dimensions"]
    weights = np.frombuffer(base64.b64decode(document["weights"], validate=True), dtype="<f4")
    texts = isinstance(answers, list) and answers and all(isinstance(answer, str) for answer in answers)
    if not texts or not isinstance(dimensions, int) or dimensions < 1 or not np.isfinite(weights).all():
        raise ValueError("it is not a classifier")
    return Classifier(answers, weights.reshape(len(answers), dimensions + 1))


def require_fitting() -> None:
    """Raises ConfigurationError if scikit-learn is not installed."""
    if importlib.util.find_spec("sklearn") is None:
        raise ConfigurationError(
            "effort with an embedder needs the extra: pip install 'dbt-ai-functions[effort]'; or give a small model as proxy"
        )


def fitted(vectors: NDArray[np.float32], answers: Sequence[str]) -> tuple[Classifier, Guess]:
    """A classifier, and what it guesses of the same rows when it is fitted without them: how sure it may be of others."""
    from sklearn.linear_model import LogisticRegression

    scaled, labels = _scaled(vectors), np.asarray(answers)
    names = np.unique(labels)
    own = np.searchsorted(names, labels)
    best_likelihood, best, strength = -math.inf, np.empty((0, 0)), 0.0
    for tried in _STRENGTHS:
        shares = _out_of_fold(partial(LogisticRegression, C=tried, max_iter=_STEPS), scaled, labels, names)
        likelihood = float(np.log(np.maximum(shares[np.arange(len(labels)), own], _LEAST_SHARE)).mean())
        if likelihood > best_likelihood:
            best_likelihood, best, strength = likelihood, shares, tried
    model = LogisticRegression(C=strength, max_iter=_STEPS).fit(scaled, labels)
    weights = np.hstack([model.coef_, model.intercept_[:, None]]).astype(np.float32)
    if len(names) == 2:  # one row of weights tells two answers apart
        weights = np.vstack([np.zeros_like(weights), weights])
    guessed = Guess([str(names[index]) for index in best.argmax(axis=1)], best.max(axis=1))
    return Classifier([str(name) for name in names], weights), guessed


def _out_of_fold(make: Callable[[], Any], vectors: NDArray[np.float32], labels: Any, names: Any) -> NDArray[np.float64]:
    """The share of each name for each row, by a model that was fitted without it."""
    shares = np.zeros((len(labels), len(names)))
    folds = np.arange(len(labels)) % _FOLDS
    for fold in range(_FOLDS):
        inside, outside = folds != fold, folds == fold
        present = np.unique(labels[inside])
        where = np.ix_(outside, np.searchsorted(names, present))
        # With one answer there is nothing to tell apart.
        shares[where] = 1.0 if len(present) == 1 else make().fit(vectors[inside], labels[inside]).predict_proba(vectors[outside])
    return shares


def _scaled(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """To one length: embedding models mean directions, and some answer vectors of very different lengths."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    scaled: NDArray[np.float32] = (vectors / np.maximum(lengths, 1e-12)).astype(np.float32)
    return scaled


def guess_of_probabilities(values: Sequence[str]) -> Guess:
    """What a smaller model answered with probabilities: a label and its confidence, or how probable it is that something is true."""
    answers, confidences = [], []
    for value in values:
        read = json.loads(value)
        if isinstance(read, dict):
            answers.append(str(read["label"]))
            confidences.append(float(read["confidence"]))
        else:
            answers.append("true" if read >= 0.5 else "false")
            confidences.append(max(float(read), 1 - float(read)))
    return Guess(answers, np.array(confidences, dtype=np.float64))
