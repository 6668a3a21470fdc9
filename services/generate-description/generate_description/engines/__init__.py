"""What writes listings with a model: the embedded one, and providers by their own protocols."""
