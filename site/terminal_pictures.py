"""Pictures of what a terminal shows, for the site: python site/terminal_pictures.py writes docs/assets/terminal/.

The lines are made by the code that shows them in a run, of figures that stand here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from html import escape
from pathlib import Path

from dbt_ai.commands.estimate import NodeEstimate
from dbt_ai.commands.estimate_report import shown
from dbt_ai.display.progress import NodeProgress, node_line, summary
from dbt_ai.display.terminal import NodeBar
from dbt_ai.estimate import Estimate
from dbt_ai.ledger import Usage
from dbt_ai.pricing import Price

FOLDER = Path(__file__).parents[1] / "docs" / "assets" / "terminal"
COLUMNS = 100
# Of a character, in pixels.
WIDTH, HEIGHT = 8, 20
MARGIN = 16
# Seconds since the nodes began.
ELAPSED = 48.0
PRICE = Price(input_per_million=0.15, output_per_million=0.6)


def pictures() -> dict[str, str]:
    """File name -> SVG."""
    return {f"{name}.svg": drawn(lines) for name, lines in (("estimate", estimate()), ("running", running()), ("ended", ended()))}


def estimate() -> list[str]:
    topics = Estimate(inputs=19_214, requests=19_214, input_tokens=5_420_000, output_tokens=960_700, cost_usd=1.39)
    replies = Estimate(inputs=2_410, requests=2_410, input_tokens=310_000, output_tokens=482_000, cost_usd=0.34)
    found = [NodeEstimate("review_topics", topics), NodeEstimate("review_replies", replies)]
    return ["$ dbt-ai estimate --select review_topics review_replies", *shown(found).splitlines()]


def running() -> list[str]:
    topics = Usage("model.shop.review_topics", "llm", "gpt-4o-mini", lambda: PRICE, requests=9_950, executed=9_886, in_flight=64)
    topics.input_tokens, topics.output_tokens, topics.cost = 2_790_000, 49_000, 0.45
    replies = Usage("model.shop.review_replies", "llm", "gpt-4o-mini", lambda: PRICE, requests=260, executed=210)
    replies.input_tokens, replies.output_tokens, replies.cost = 27_000, 12_600, 0.01
    told = [(topics, NodeProgress(19_214, 9_886, 0.0), 0.0), (replies, NodeProgress(2_410, 210, 0.0), 3.0)]
    nodes = [
        NodeBar(used.node.rpartition(".")[2], progress.done, progress.expected, progress.figures(waits, [used], ELAPSED))
        for used, progress, waits in told
    ]
    return [
        "$ dbt build",
        *_of_dbt("5 of 7 START sql ai_table model main.review_topics", "[RUN]"),
        *_of_dbt("6 of 7 START sql incremental model main.review_replies", "[RUN]"),
        "",
        *(node.fitted(COLUMNS, max(len(node.name) for node in nodes)) for node in nodes),
    ]


def ended() -> list[str]:
    topics = Usage("model.shop.review_topics", "llm", "gpt-4o-mini", lambda: PRICE, requests=19_260, retried=46, from_store=700)
    topics.executed, topics.failed, topics.causes = 19_212, 2, Counter({"400 the text is too long": 2})
    topics.input_tokens, topics.output_tokens, topics.cost, topics.saved = 5_390_000, 96_000, 0.87, 0.03
    return [
        *_of_dbt("5 of 7 OK created sql ai_table model main.review_topics", f"[SELECT 20000 · {node_line([topics])} in 92.41s]"),
        "",
        *summary([topics]).splitlines(),
    ]


def drawn(lines: Sequence[str]) -> str:
    """Each line as wide as its characters, whatever font the reader has."""
    columns = max(COLUMNS, *map(len, lines))
    width, height = columns * WIDTH + 2 * MARGIN, len(lines) * HEIGHT + 2 * MARGIN
    texts = [_text(line, MARGIN + HEIGHT * number + 14) for number, line in enumerate(lines) if line]
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img">'
    ground = f'<rect width="{width}" height="{height}" rx="8" fill="#12171d"/>'
    font = '<g fill="#e6ebf0" font-family="DejaVu Sans Mono, Menlo, Consolas, monospace" font-size="13">'
    return "\n".join([head, ground, font, *texts, "</g>", "</svg>", ""])


def _text(line: str, y: int) -> str:
    weight = ' font-weight="bold"' if line.startswith("$ ") else ""
    return f'<text x="{MARGIN}" y="{y}" textLength="{len(line) * WIDTH}" xml:space="preserve"{weight}>{escape(line)}</text>'


def _of_dbt(said: str, result: str) -> list[str]:
    """A line of dbt's."""
    dots = COLUMNS - len(said) - len(result) - 2
    return [f"{said} {'.' * max(dots, 3)} {result}"]


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, svg in pictures().items():
        (FOLDER / name).write_text(svg, encoding="utf-8")


if __name__ == "__main__":
    main()
