"""Names of parameters that many endpoints know, to find the one that a slip meant."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Any

from dbt_ai.parameters import NUMBERS, OUTPUT_BOUNDS, bare

# What is not among them is sent all the same: endpoints have names of their own.
_FAMILIAR = (
    *OUTPUT_BOUNDS, *NUMBERS,
    "best_of", "cached_content", "chat_template_kwargs", "dimensions", "encoding_format", "extra_body", "format", "frequencyPenalty",
    "generationConfig", "grammar", "guided_choice", "guided_json", "guided_regex", "ignore_eos", "input_type", "json_schema",
    "keep_alive", "logit_bias", "logprobs", "max_length", "max_thinking_tokens", "metadata", "min_length", "min_tokens", "mirostat",
    "modalities", "n", "n_predict", "num_ctx", "options", "output_dimension", "outputDimensionality", "parallel_tool_calls", "prefill",
    "presencePenalty", "prompt_cache_key", "provider", "reasoning", "reasoning_effort", "reasoning_format", "reasoning_split",
    "repeat_penalty", "repetition_penalty", "response_format", "responseJsonSchema", "responseMimeType", "responseSchema",
    "safe_prompt", "safetySettings", "service_tier", "skip_special_tokens", "sql_rest_options", "stop", "stop_sequences",
    "stop_token_ids", "stopSequences", "store", "stream_options", "system", "task", "taskType", "tfs_z", "think", "thinking",
    "thinking_budget", "thinkingConfig", "tool_choice", "tools", "top_a", "top_logprobs", "transforms", "truncate", "truncation",
    "typical_p", "user", "verbosity", "web_search_options",
)  # fmt: skip
# Parameters that hold parameters. The names inside others, as of a schema, are often the user's own.
_HOLDERS = ("options", "generationConfig", "extra_body")


def misspelt(parameters: Mapping[str, Any]) -> dict[str, str]:
    """The names that look like a slip, each with the name that may have been meant.

    >>> misspelt({"temprature": 1, "a_new_one": 2, "options": {"num_ctxx": 4096}})
    {'temprature': 'temperature', 'options.num_ctxx': 'options.num_ctx'}
    """
    plain = {bare(name): name for name in reversed(_FAMILIAR)}
    found = {}
    for name, value in parameters.items():
        if name not in _FAMILIAR and (near := difflib.get_close_matches(bare(name), plain, n=1, cutoff=0.85)):
            found[name] = plain[near[0]]
        if name in _HOLDERS and isinstance(value, Mapping):
            found.update((f"{name}.{inner}", f"{name}.{meant}") for inner, meant in misspelt(value).items())
    return found
