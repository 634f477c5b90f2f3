"""The tokens that end a turn of a chat, which a server with a wrong chat template leaves in the text of an answer."""

from __future__ import annotations

import re

# Who writes it: Qwen and everybody with ChatML, Llama 3, GPT-2 and its heirs, Phi and gpt-oss, Gemma, OpenChat, Granite, Cohere, Llama 2
# and Mistral, DeepSeek, Kimi.
_ENDS = (
    "<|im_end|>", "<|eot_id|>", "<|eom_id|>", "<|end_of_text|>", "<|endoftext|>", "<|end|>", "<|return|>", "<end_of_turn>", "<turn|>",
    "<|end_of_turn|>", "<|end_of_role|>", "<|END_OF_TURN_TOKEN|>", "<|eos|>", "<|EOT|>", "</s>", "<｜end▁of▁sentence｜>", "[EOS]",
)  # fmt: skip
# What follows one that the server did not stop at: the model goes on with both sides of the conversation.
_BEGINS = (
    "<|im_start|>", "<|start_header_id|>", "<|begin_of_text|>", "<|start_of_role|>", "<start_of_turn>", "<|turn>", "<|start|>", "<|user|>",
    "<|START_OF_TURN_TOKEN|>", "<｜User｜>", "<｜begin▁of▁sentence｜>", "<s>[INST]", "[INST]",
)  # fmt: skip


def _any(tokens: tuple[str, ...]) -> str:
    return "|".join(map(re.escape, tokens))


_END_OF_TURN = re.compile(rf"(?:{_any(_ENDS)})(?=\s*(?:\Z|{_any(_ENDS)}|{_any(_BEGINS)}))")
# A character of each token: nearly no answer holds one of them.
_SIGNS = ("|>", "</s>", "_turn>", "｜>", "[EOS]", "<turn|")


def without_control_tokens(text: str) -> str:
    """The answer up to the token that ends the turn: at the end of the text, or before the beginning of another turn.

    A token in the middle of a sentence, or in quotation marks, is what the answer is about, and stays.

    >>> without_control_tokens("Paris<|im_end|>\\n<|im_start|>user\\nAnd of Spain?")
    'Paris'
    """
    if not any(sign in text for sign in _SIGNS):
        return text
    end = _END_OF_TURN.search(text)
    if end is None or (end[0] == "</s>" and "<s>" in text[: end.start()]):  # in HTML, a text that is struck out
        return text
    return text[: end.start()].rstrip()
