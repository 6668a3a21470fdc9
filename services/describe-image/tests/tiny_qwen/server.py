"""An OpenAI-compatible front for a Qwen2.5-VL in transformers, with schema-constrained decoding by xgrammar.

For tests: one request at a time, on loopback. `python server.py MODEL_FOLDER` prints its address.
"""

import base64
import io
import json
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

import build  # noqa: F401  (makes torchvision importable)
import torch
import xgrammar
from PIL import Image
from transformers import AutoModelForImageTextToText, AutoProcessor, AutoTokenizer, LogitsProcessorList

MAX_PROMPT_TOKENS = 4096
KEY = "tiny"


class TooManyTokens(ValueError):
    pass


class Closing:
    """Lets a model that knows no words end them, and its lists: a quote or a bracket grows likelier with each token.

    It only shifts probabilities; what may be written is up to the schema.
    """

    def __init__(self, tokenizer: Any, prompt_tokens: int) -> None:
        self.quote, *self.brackets = tokenizer.convert_tokens_to_ids(['"', "]", "}"])
        self.prompt_tokens = prompt_tokens

    def __call__(self, tokens: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        written = tokens[0, self.prompt_tokens :].tolist()
        since = next((index for index, token in enumerate(reversed(written)) if token == self.quote), len(written))
        in_string = written.count(self.quote) % 2 == 1
        scores[:, self.quote] += 0.2 * (since - 10)
        opened = next((index for index, token in enumerate(reversed(written)) if token in self.brackets), len(written))
        scores[:, self.brackets] += -5 if in_string else 0.02 * opened
        return scores


class TinyQwen:
    def __init__(self, folder: str) -> None:
        self.processor = AutoProcessor.from_pretrained(folder)
        self.tokenizer = AutoTokenizer.from_pretrained(folder)
        self.model = AutoModelForImageTextToText.from_pretrained(folder, dtype=torch.float32).eval()
        vocabulary = self.model.config.text_config.vocab_size
        information = xgrammar.TokenizerInfo.from_huggingface(self.tokenizer, vocab_size=vocabulary)
        self.compiler = xgrammar.GrammarCompiler(information)
        self.turn = threading.Lock()

    def answer(self, body: dict[str, Any]) -> dict[str, Any]:
        messages, images = [], []
        for message in body["messages"]:
            parts = message["content"]
            if not isinstance(parts, str):
                for part in parts:
                    if part["type"] == "image_url":
                        data = base64.b64decode(part["image_url"]["url"].partition(",")[2])
                        images.append(Image.open(io.BytesIO(data)).convert("RGB"))
            messages.append({"role": message["role"], "content": parts})
        text = self.processor.apply_chat_template(messages, add_generation_prompt=True, tokenize=False)
        inputs = self.processor(text=[text], images=images or None, return_tensors="pt")
        prompt_tokens = int(inputs["input_ids"].shape[1])
        if prompt_tokens > MAX_PROMPT_TOKENS:
            raise TooManyTokens(f"This model's maximum context length is {MAX_PROMPT_TOKENS} tokens.")
        constraints = LogitsProcessorList([Closing(self.tokenizer, prompt_tokens)])
        schema = body.get("response_format", {}).get("json_schema", {}).get("schema")
        if schema is not None:
            compiled = self.compiler.compile_json_schema(json.dumps(schema), any_whitespace=False)
            constraints.append(xgrammar.contrib.hf.LogitsProcessor(compiled))
        with self.turn, torch.inference_mode():
            output = self.model.generate(
                **inputs,
                max_new_tokens=body.get("max_tokens") or body.get("max_completion_tokens") or 256,
                logits_processor=constraints,
                output_logits=True,
                return_dict_in_generate=True,
            )
        written = output.sequences[0, prompt_tokens:]
        ended = int(written[-1]) in self.model.generation_config.eos_token_id
        kept = written[:-1] if ended else written
        choice: dict[str, Any] = {
            "index": 0,
            "finish_reason": "stop" if ended else "length",
            "message": {"role": "assistant", "content": self.tokenizer.decode(kept)},
        }
        if body.get("logprobs"):
            choice["logprobs"] = {"content": self.logprobs(kept, output.logits), "refusal": None}
        return {
            "id": "chatcmpl-tiny",
            "object": "chat.completion",
            "created": int(time.time()),
            "model": body["model"],
            "choices": [choice],
            "usage": {
                "prompt_tokens": prompt_tokens,
                "completion_tokens": len(written),
                "total_tokens": prompt_tokens + len(written),
            },
        }

    def logprobs(self, kept: torch.Tensor, logits: tuple[torch.Tensor, ...]) -> list[dict[str, Any]]:
        return [
            {
                "token": self.tokenizer.decode([int(token)]),
                "logprob": float(torch.log_softmax(step[0].float(), -1)[token]),
                "bytes": None,
                "top_logprobs": [],
            }
            for token, step in zip(kept, logits, strict=False)
        ]


def make_handler(model: TinyQwen) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def reply(self, status: int, body: dict[str, Any]) -> None:
            content = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def known(self) -> bool:
            if self.headers.get("Authorization") == f"Bearer {KEY}":
                return True
            self.reply(401, {"error": {"message": "Incorrect API key provided."}})
            return False

        def do_GET(self) -> None:
            if self.known():
                entry = {"id": "tiny-qwen2.5-vl", "object": "model", "created": 1, "owned_by": "tests"}
                self.reply(200, {"object": "list", "data": [entry]})

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if not self.known():
                return
            try:
                self.reply(200, model.answer(body))
            except (TooManyTokens, OSError) as error:
                self.reply(400, {"error": {"message": str(error), "type": "invalid_request_error"}})

        def log_message(self, format: str, *arguments: object) -> None:
            return

    return Handler


def main() -> None:
    # Matrices this small are not worth dividing, and threads that wait for one another cost more than they bring.
    torch.set_num_threads(1)
    server = ThreadingHTTPServer(("127.0.0.1", 0), make_handler(TinyQwen(sys.argv[1])))
    sys.stdout.write(f"http://127.0.0.1:{server.server_port}/v1\n")
    sys.stdout.flush()
    server.serve_forever()


if __name__ == "__main__":
    main()
