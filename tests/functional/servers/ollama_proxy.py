"""An Ollama-speaking server in front of an OpenAI-speaking one: python ollama_proxy.py BASE_URL KEY PORT

Its wheel imports itself as `src`, which it does not install: an alias for where its modules lie is all that it lacks.
"""

import importlib.metadata
import os
import sys
import types

import uvicorn

base_url, key, port = sys.argv[1:]
os.environ.update(OPENAI_API_BASE_URL=base_url, OPENAI_API_KEY=key, PROXY_PORT=port)
alias = types.ModuleType("src")
alias.__path__ = [str(importlib.metadata.distribution("ollama-openai-proxy").locate_file(""))]
sys.modules["src"] = alias
uvicorn.run("src.main:app", host="127.0.0.1", port=int(port), log_level="warning")
