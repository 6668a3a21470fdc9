"""The engine `qwen2.5-vl`: a vision model behind any OpenAI-compatible chat endpoint."""
