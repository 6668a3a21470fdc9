"""The embedded model's own process: llama.cpp with its OpenAI-compatible server on a free loopback port.

Started as `python -m generate_description.engines.llama_process`; its settings come as one line of JSON on the
standard input, its address goes out as one line on the standard output. It ends when the standard input does: a
parent that dies in any way, kill -9 included, takes it along.
"""

import json
import os
import sys
from dataclasses import asdict, dataclass

NICENESS = 3  # the services answer first when the cores are busy


@dataclass(frozen=True, slots=True)
class LlamaOptions:
    path: str
    threads: int
    context: int
    parallel: int
    api_key: str

    def to_line(self) -> bytes:
        return json.dumps(asdict(self)).encode() + b"\n"


def serve(options: LlamaOptions) -> None:
    import xllamacpp

    parameters = xllamacpp.CommonParams()
    parameters.model.path = options.path
    parameters.hostnames = ["127.0.0.1"]
    parameters.port = 0
    parameters.api_keys = [options.api_key]
    parameters.n_ctx = options.context * options.parallel
    parameters.n_parallel = options.parallel
    parameters.n_batch = parameters.n_ubatch = 256
    # Without polling an idle thread sleeps; with it, two polling threads slow each other down on busy cores.
    for threads in (parameters.cpuparams, parameters.cpuparams_batch):
        threads.n_threads = options.threads
        threads.poll = 0
    parameters.n_threads_http = 2
    parameters.cache_ram_mib = 0  # the slot's own cache keeps the fixed start of the prompt
    parameters.warmup = False
    parameters.ui = False
    parameters.verbosity = 1
    server = xllamacpp.Server(parameters)
    sys.stdout.write(json.dumps({"address": server.listening_address}) + "\n")
    sys.stdout.flush()
    while sys.stdin.buffer.read(4096):
        pass


def main() -> None:
    os.nice(NICENESS)
    options = LlamaOptions(**json.loads(sys.stdin.buffer.readline()))
    try:
        serve(options)
    except Exception as error:  # noqa: BLE001 - whatever llama.cpp raises goes to the parent in one line
        sys.stdout.write(json.dumps({"error": str(error) or type(error).__name__}) + "\n")
        sys.stdout.flush()
        os._exit(1)
    # llama.cpp's threads have nothing to save.
    os._exit(0)


if __name__ == "__main__":
    main()
