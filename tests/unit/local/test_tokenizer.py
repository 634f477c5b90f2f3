import random
from typing import ClassVar

import pytest

tokenizers = pytest.importorskip("tokenizers")
from tokenizers import decoders, models, normalizers, pre_tokenizers, processors, trainers  # noqa: E402

from dbt_ai.local.tokenizer import Tokenizer  # noqa: E402

WORDS = ["ticket", "printer", "refund", "late", "login", "Übergröße", "naïve", "42", "http://x.y", "東京は大きい。", "한국어", "🙂🙃"]
MAX_LENGTH = 32


def trained(kind):
    """A small tokenizer of the kind that most embedding models have, with special tokens around each text."""
    special = ["[UNK]", "[CLS]", "[SEP]"]
    if kind == "WordPiece":
        made, trainer = tokenizers.Tokenizer(models.WordPiece(unk_token="[UNK]")), trainers.WordPieceTrainer(special_tokens=special)
        made.normalizer, made.pre_tokenizer = normalizers.BertNormalizer(), pre_tokenizers.BertPreTokenizer()
    elif kind == "BPE":
        made, trainer = tokenizers.Tokenizer(models.BPE()), trainers.BpeTrainer(vocab_size=600, special_tokens=special)
        made.pre_tokenizer, made.decoder = pre_tokenizers.ByteLevel(add_prefix_space=False), decoders.ByteLevel()
    else:
        made = tokenizers.Tokenizer(models.Unigram())
        trainer = trainers.UnigramTrainer(vocab_size=300, special_tokens=special, unk_token="[UNK]")
        made.normalizer, made.pre_tokenizer = normalizers.NFKC(), pre_tokenizers.Metaspace()
    chosen = random.Random(3)
    made.train_from_iterator([" ".join(chosen.choices(WORDS, k=12)) for _ in range(300)], trainer)
    made.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[(token, made.token_to_id(token)) for token in ("[CLS]", "[SEP]")]
    )
    return made


def texts():
    chosen = random.Random(5)
    words = [" ".join(chosen.choices(WORDS, k=size)) for size in (0, 1, 20, 100, 300, 1000) for _ in range(10)]
    odd = [
        "x" * 5000,
        " " * 5000,
        "late" + " " * 5000 + "late",
        "東京は大きい" * 500,
        "🙂" * 3000,
        "e\u0301" * 2000,
        "\n".join("late" * 300),
        "a b" * 900,
    ]
    return words + odd + [word * repeats for word in WORDS for repeats in (1, 700)]


@pytest.mark.parametrize("kind", ["WordPiece", "BPE", "Unigram"])
def test_a_long_text_that_is_not_read_to_its_end_has_the_tokens_of_the_whole(kind):
    whole = trained(kind)
    whole.enable_truncation(MAX_LENGTH)
    expected = whole.encode_batch(texts())
    found = Tokenizer(whole, MAX_LENGTH).encode(texts())
    assert [row.tolist() for row in found.rows(range(len(expected)))] == [encoding.ids for encoding in expected]
    assert found.over_long.tolist() == [bool(encoding.overflowing) for encoding in expected]
    assert found.over_long.any() and not found.over_long.all()


def test_all_windows_of_a_long_text_are_there_where_they_are_averaged():
    whole = trained("WordPiece")
    found = Tokenizer(whole, MAX_LENGTH, windows=True).encode(["late " * 1000, "late"])
    assert found.tokens[0] == 1000 + 2 * len(found.owner[found.owner == 0])
    assert found.over_long.tolist() == [True, False]


def test_texts_that_are_tokenised_in_parts_come_in_order(monkeypatch):
    monkeypatch.setattr("dbt_ai.local.tokenizer._AT_ONCE", 7)
    whole = trained("WordPiece")
    whole.enable_truncation(MAX_LENGTH)
    found = Tokenizer(whole, MAX_LENGTH).encode(texts())
    assert [row.tolist() for row in found.rows(range(len(texts())))] == [encoding.ids for encoding in whole.encode_batch(texts())]


class Characters:
    """In place of the Rust tokenizer: a character is a token. Remembers what it was given."""

    given: ClassVar[list[str]] = []

    class Encoding(list):
        ids = property(list)
        overflowing = ()

    @classmethod
    def from_str(cls, _):
        return cls()

    def to_str(self):
        return ""

    def no_padding(self):
        self.limit = None

    no_truncation = no_padding

    def enable_truncation(self, limit):
        self.limit = limit

    def encode_batch_fast(self, texts, add_special_tokens):
        self.given.extend(texts)
        encodings = []
        for text in texts:
            encoding = self.Encoding(map(ord, text[: self.limit]))
            if len(text) > self.limit:
                encoding.overflowing = [text[self.limit :]]
            encodings.append(encoding)
        return encodings


def test_a_long_text_is_read_little_further_than_the_model_reads():
    found = Tokenizer(Characters(), MAX_LENGTH).encode(["a" * 100_000, "b"])
    assert found.lengths.tolist() == [MAX_LENGTH, 1]
    assert sum(map(len, Characters.given)) < 1000
