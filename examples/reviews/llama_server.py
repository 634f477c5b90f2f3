"""llama.cpp's own HTTP server: python llama_server.py MODEL.gguf PORT [--embedding | --reranking] [--key=KEY]"""

import signal
import sys

import xllamacpp

model, port, *options = sys.argv[1:]
params = xllamacpp.CommonParams()
params.model.path, params.port, params.hostnames = model, int(port), ["127.0.0.1"]
params.n_ctx, params.n_parallel = 4096, 4  # the context is divided between the parallel slots
params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1
if "--embedding" in options:
    params.embedding = True
    params.pooling_type = xllamacpp.llama_pooling_type.LLAMA_POOLING_TYPE_MEAN
if "--reranking" in options:
    params.embedding = True
    params.pooling_type = xllamacpp.llama_pooling_type.LLAMA_POOLING_TYPE_RANK
params.api_keys = [option.removeprefix("--key=") for option in options if option.startswith("--key=")]
# Blocked before the server starts its threads, so that the signal waits for us instead of killing them.
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGINT})
server = xllamacpp.Server(params)
signal.sigwait({signal.SIGTERM, signal.SIGINT})
