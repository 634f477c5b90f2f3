"""What the batch APIs of OpenAI, Anthropic and Gemini say in which words, and their chats and embeddings at once.

https://platform.openai.com/docs/api-reference/batch, https://docs.claude.com/en/api/creating-message-batches,
https://ai.google.dev/api/batch-api.

A prompt of Anthropic's that marks its beginning with `cache_control` is written to the cache, and read from there by who begins in the same
way: a chat sees what chats have written, a line of a job what earlier jobs have, and never what its own job writes.
"""

from __future__ import annotations

import json
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from servers.batches import Batches, Job

# What is done, for faults ("submit", "upload", "download" or nothing), and the answer: bytes or JSON.
Answer = tuple[str, Any]


class Format(ABC):
    """One provider's."""

    def owns(self, path: str) -> bool:
        """Whether a path is this provider's."""
        return True

    @abstractmethod
    def post(self, state: Batches, path: str, body: bytes, headers: Mapping[str, str]) -> Answer: ...

    @abstractmethod
    def get(self, state: Batches, path: str, query: Mapping[str, str]) -> Answer: ...

    @abstractmethod
    def results(self, state: Batches, job: Job) -> Iterator[dict[str, Any]]:
        """The lines of the results."""


class OpenAI(Format):
    def post(self, state: Batches, path: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        if path.endswith("/cancel"):
            return "", self._shown(state.cancel(path.rsplit("/", 2)[-2]))
        if path == "/v1/files":
            file = f"file-{len(state.files)}"
            state.files[file] = body.split(b"\r\n\r\n")[2].rpartition(b"\r\n--")[0]
            return "upload", {"id": file, "object": "file", "purpose": "batch", "bytes": 1, "created_at": 1, "filename": "job.jsonl"}
        request = json.loads(body)
        if path == "/v1/batches":
            lines = [json.loads(line) for line in state.files[request["input_file_id"]].splitlines()]
            return "submit", self._shown(state.submit(self, lines, request["metadata"]["dbt_ai"]))
        state.live.append(request)
        return "", self._completion(path, request)

    def get(self, state: Batches, path: str, query: Mapping[str, str]) -> Answer:
        if path.endswith("/content"):
            return "download", state.results(state.jobs[path.rsplit("/", 2)[-2].removeprefix("out-")])
        if path == "/v1/batches":
            jobs, after = state.listed(query.get("after", ""))
            return "", {"object": "list", "data": [self._shown(job) for job in jobs], "has_more": bool(after), "last_id": after}
        return "", self._shown(state.look(path.rsplit("/", 1)[-1]))

    def results(self, state: Batches, job: Job) -> Iterator[dict[str, Any]]:
        for number, line in enumerate(job.lines):
            if number < job.answered and (refusal := _refusal(state, line["body"])):
                yield {"custom_id": line["custom_id"], "response": {"status_code": 400, "body": {"error": refusal}}, "error": None}
            elif number < job.answered:
                body = self._completion(line["url"], line["body"])
                yield {"custom_id": line["custom_id"], "response": {"status_code": 200, "body": body}, "error": None}
            elif job.over == "expired":
                error = {"code": "batch_expired", "message": "This request could not be executed before the completion window expired."}
                yield {"custom_id": line["custom_id"], "response": None, "error": error}

    def _shown(self, job: Job) -> dict[str, Any]:
        return {
            "id": job.id,
            "object": "batch",
            "endpoint": job.lines[0]["url"],
            "input_file_id": "file-0",
            "completion_window": "24h",
            "status": job.over if job.ended else "in_progress",
            "created_at": int(job.made),
            "metadata": {"dbt_ai": job.name},
            "request_counts": {"total": len(job.lines), "completed": job.answered if job.ended else 0, "failed": 0},
            "output_file_id": f"out-{job.id}" if job.ended else None,
        }

    def _completion(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        if path.endswith("/embeddings"):
            vectors = [{"index": index, "embedding": [float(len(text)), 1.0]} for index, text in enumerate(body["input"])]
            return {"data": vectors, "usage": {"prompt_tokens": len(vectors), "total_tokens": len(vectors)}}
        message = {"role": "assistant", "content": body["messages"][-1]["content"].upper()}
        return {"choices": [{"message": message, "finish_reason": "stop"}], "usage": {"prompt_tokens": 10, "completion_tokens": 2}}


class Anthropic(Format):
    def owns(self, path: str) -> bool:
        return path.startswith("/v1/messages")

    def post(self, state: Batches, path: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        if path.endswith("/cancel"):
            return "", self._shown(state.cancel(path.rsplit("/", 2)[-2]))
        request = json.loads(body)
        if path.endswith("/batches"):
            return "submit", self._shown(state.submit(self, request["requests"], ""))
        state.live.append(request)
        return "", self._message(request, state.cache, state.cache)

    def get(self, state: Batches, path: str, query: Mapping[str, str]) -> Answer:
        if path.endswith("/results"):
            return "download", state.results(state.jobs[path.rsplit("/", 2)[-2]])
        if path.endswith("/batches"):
            jobs, after = state.listed(query.get("after_id", ""))
            return "", {"data": [self._shown(job) for job in jobs], "has_more": bool(after), "last_id": after}
        return "", self._shown(state.look(path.rsplit("/", 1)[-1]))

    def results(self, state: Batches, job: Job) -> Iterator[dict[str, Any]]:
        before = {name: tokens for name, tokens in state.cache.items() if name.startswith("job ")}
        for number, line in enumerate(job.lines):
            result: dict[str, Any] = {"type": "expired" if job.over == "expired" else "canceled"}
            if number < job.answered and (refusal := _refusal(state, line["params"])):
                result = {"type": "errored", "error": {"type": "error", "error": refusal}}
            elif number < job.answered:
                result = {"type": "succeeded", "message": self._message(line["params"], before, state.cache, "job ")}
            yield {"custom_id": line["custom_id"], "result": result}

    def _shown(self, job: Job) -> dict[str, Any]:
        total, ended = len(job.lines), job.ended
        left = {"expired": 0, "canceled": 0} | ({"expired" if job.over == "expired" else "canceled": total - job.answered} if ended else {})
        return {
            "id": job.id,
            "processing_status": "ended" if ended else "in_progress",
            "created_at": _moment(job.made),
            "request_counts": {"processing": 0 if ended else total, "succeeded": job.answered if ended else 0, "errored": 0, **left},
        }

    def _message(self, body: dict[str, Any], seen: dict[str, int], written: dict[str, int], kind: str = "") -> dict[str, Any]:
        content = body["messages"][-1]["content"]
        text = content if isinstance(content, str) else "".join(block["text"] for block in content)
        begins, tokens, for_an_hour = _marked(body)
        usage = {"input_tokens": 10, "output_tokens": 2}
        if tokens:
            known = kind + begins in seen
            new = 0 if known else tokens
            kept = {f"ephemeral_{'1h' if for_an_hour else '5m'}_input_tokens": new}
            usage |= {"cache_read_input_tokens": tokens - new, "cache_creation_input_tokens": new, "cache_creation": kept}
            written[kind + begins] = tokens
        return {"content": [{"type": "text", "text": text.rpartition("Text: ")[2].upper()}], "stop_reason": "end_turn", "usage": usage}


class Gemini(Format):
    def owns(self, path: str) -> bool:
        return "/v1beta/" in path

    def post(self, state: Batches, path: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        if path.startswith("/upload/"):
            assert headers["X-Goog-Upload-Protocol"] == "multipart"
            file = f"files/{len(state.files)}"
            state.files[file] = body.split(b"\r\n\r\n")[2].rpartition(b"\r\n--")[0]
            return "upload", {"file": {"name": file, "uri": f"{state.url}/v1beta/{file}", "state": "ACTIVE"}}
        if path.endswith(":cancel"):
            state.cancel(path.rsplit("/", 1)[-1].removesuffix(":cancel"))
            return "", {}
        request, method = json.loads(body), path.rpartition(":")[2]
        if method in ("batchGenerateContent", "asyncBatchEmbedContent"):
            config = request["batch"]["inputConfig"]
            lines = [json.loads(line) for line in state.files[config.get("fileName") or config["file_name"]].splitlines()]
            return "submit", self._shown(state.submit(self, lines, request["batch"]["displayName"]))
        state.live.append(request)
        if method == "batchEmbedContents":
            return "", {"embeddings": [self._embedding(one) for one in request["requests"]]}
        return "", self._content(request)

    def get(self, state: Batches, path: str, query: Mapping[str, str]) -> Answer:
        if path.endswith(":download"):
            # The first as documented, the second as Google's client does.
            assert query["alt"] == "media" and path.startswith(("/download/v1beta/files/", "/v1beta/files/"))
            return "download", state.results(state.jobs[path.rsplit("/", 1)[-1].removesuffix(":download").removeprefix("out-")])
        if path.endswith("/batches"):
            jobs, after = state.listed(query.get("pageToken", "")) if "pageSize" in query else ([], "")
            return "", {"operations": [self._shown(job) for job in jobs], **({"nextPageToken": after} if after else {})}
        return "", self._shown(state.look(path.rsplit("/", 1)[-1]))

    def results(self, state: Batches, job: Job) -> Iterator[dict[str, Any]]:
        for number, line in enumerate(job.lines):
            request = line["request"]
            if number < job.answered and (refusal := _refusal(state, request)):
                yield {"key": line["key"], "error": {"code": 3, "message": refusal["message"]}}
            elif number < job.answered:
                response = self._content(request) if "contents" in request else {"embedding": self._embedding(request)}
                yield {"key": line["key"], "response": response}
            else:
                yield {"key": line["key"], "error": {"code": 1, "message": f"the job was {job.over}"}}

    def _shown(self, job: Job) -> dict[str, Any]:
        output = {"responsesFile": f"files/out-{job.id}"}
        done = {"done": True, "response": output} if job.ended else {}
        over = {"completed": "SUCCEEDED", "expired": "EXPIRED", "cancelled": "CANCELLED"}[job.over]
        stats = {"requestCount": str(len(job.lines)), "successfulRequestCount": str(job.answered if job.ended else 0)}
        metadata = {
            "displayName": job.name,
            "createTime": _moment(job.made),
            "batchStats": stats,
            **({"output": output} if job.ended else {}),
        }
        return {"name": f"batches/{job.id}", "metadata": {**metadata, "state": f"BATCH_STATE_{over if job.ended else 'RUNNING'}"}, **done}

    def _content(self, body: dict[str, Any]) -> dict[str, Any]:
        text = body["contents"][-1]["parts"][-1]["text"].upper()
        candidate = {"content": {"role": "model", "parts": [{"text": text}]}, "finishReason": "STOP"}
        return {"candidates": [candidate], "usageMetadata": {"promptTokenCount": 10, "candidatesTokenCount": 2, "totalTokenCount": 12}}

    def _embedding(self, request: dict[str, Any]) -> dict[str, Any]:
        return {"values": [float(len(request["content"]["parts"][0]["text"])), 1.0]}


def _refusal(state: Batches, body: dict[str, Any]) -> dict[str, Any] | None:
    """Why a request is refused, if it is."""
    if not state.refuses or json.dumps(state.refuses) not in json.dumps(body):
        return None
    return {"type": "invalid_request_error", "message": f"no policy allows to answer {state.refuses}"}


def _moment(seconds: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S.123456789Z", time.gmtime(seconds))


def _marked(body: dict[str, Any]) -> tuple[str, int, bool]:
    """What comes before the last mark, how many tokens that is, and whether it is kept for an hour; nothing where none is marked or where
    it is too short to be cached."""
    blocks = [*body.get("tools", ()), *(body["system"] if isinstance(body.get("system"), list) else [{"text": body.get("system")}])]
    for message in body["messages"]:
        blocks += message["content"] if isinstance(message["content"], list) else [{"text": message["content"]}]
    marked = [number for number, block in enumerate(blocks) if "cache_control" in block]
    if not marked:
        return "", 0, False
    begins = json.dumps(blocks[: marked[-1] + 1])
    for_an_hour = blocks[marked[-1]]["cache_control"].get("ttl") == "1h"
    return (begins, len(begins) // 4, for_an_hour) if len(begins) // 4 >= 1024 else ("", 0, False)


FORMATS = (Anthropic(), Gemini(), OpenAI())
